import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { changeGuestPassword, chooseFirstPassword, countItems, guestOf } from '#src/domain/guests/guests.ts'
import { keyProfile } from '#src/domain/keys/keys.ts'
import { Refusal, saidAs } from '#src/domain/refusals.ts'
import { endSession } from '#src/domain/sessions/sessions.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import { bringsGuest, guestCallerOf, newGuestHold, noGuestCookie } from '#src/http/guest-proof.ts'
import { judgeSameOrigin } from '#src/http/same-origin.ts'
import { sessionQuery } from './inputs.ts'

export const whoAmI = endpoint({
  at: 'GET /guest',
  what: 'Who reads, and how many mails there are',
  who: 'full or guest',
  in: { query: z.strictObject(sessionQuery) },
  out: z.object({
    address: z.string(),
    kind: z.enum(['guest', 'account']).describe('account: who has taken over the mail of a guest'),
    hasPassword: z.boolean(),
    recoveryAvail: z.boolean().describe('a new password can be mailed, when the question is answered'),
    question: z.string().describe('which he is asked then; empty for none'),
    items: z.int(),
  }),
  async does(ctx, _input, { account, session }) {
    const items = await countItems(ctx, account.id)
    const guest = session.state === 'guest' ? await guestOf(ctx, account.id) : null
    const { recoverable } = await keyProfile(ctx, account)
    const { address } = guest ?? { address: account.email }
    if (!guest) return { address, kind: 'account', hasPassword: true, recoveryAvail: recoverable, question: '', items }
    const { hasPassword, question } = guest
    return { address, kind: 'guest', hasPassword, recoveryAvail: recoverable && question !== '', question, items }
  },
})

export const signOut = endpoint({
  at: 'POST /guest/logout',
  what: 'Ends the session of a guest',
  who: 'a guest',
  takes: 'none',
  async does(ctx, _input, { session }, { origin, answer }) {
    await endSession(ctx, session, origin)
    answer.append('Set-Cookie', noGuestCookie(ctx))
    return new Response(null, { status: 204 })
  },
})

const needed = (value: string | undefined, name: string): string => {
  if (!value) throw new Refusal('input.invalid', { params: [name] })
  return value
}

const question = { question: z.string().max(2000).optional(), answer: z.string().max(2000).optional() }

export const password = (ctx: Context): Endpoint =>
  endpoint({
    at: 'POST /guest/password',
    what: 'Gives a guest the password that he chooses: in his session, or his first one for a mail that he got',
    who: 'anyone',
    takes: 'json',
    in: {
      body: z.strictObject({
        old: z.string().optional().describe('may be left out by who has chosen none and was mailed none'),
        new: z.string(),
        ...question,
        address: z.string().max(300).optional().describe('for a first password without a session'),
        itemId: z.string().max(64).optional(),
        pin: z.string().max(20).optional(),
      }),
    },
    out: z.object({ auth: z.string() }),
    limits: { perSecond: ctx.config.signInRate },
    async does(ctx, { body }, _caller, incoming) {
      const { origin, answer } = incoming
      judgeSameOrigin(ctx, incoming)
      const asked = { question: body.question ?? '', answer: body.answer ?? '' }
      if (!body.itemId && (bringsGuest(ctx, incoming) || incoming.headers.has('authorization'))) {
        const signed = await guestCallerOf(ctx, incoming).catch(saidAs('session.invalid', 'key.token-invalid'))
        const question = body.question === undefined ? undefined : asked
        const change = { oldPassword: body.old, newPassword: body.new, question, origin }
        return { auth: await changeGuestPassword(ctx, { signed, ...change }) }
      }
      const { hold, cookie } = newGuestHold(ctx)
      const { auth } = await chooseFirstPassword(ctx, {
        address: needed(body.address, 'address'),
        itemId: needed(body.itemId, 'itemId'),
        pin: body.pin,
        newPassword: body.new,
        question: asked,
        hold,
        origin,
      })
      answer.append('Set-Cookie', cookie)
      return { auth }
    },
  })
