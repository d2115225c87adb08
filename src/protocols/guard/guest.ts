import { z } from 'zod'
import type { Context } from '#src/context.ts'
import {
  askForAccountReset,
  chooseFirstPassword,
  type Guest,
  proveAnswer,
  questionAt,
  resetGuestAccount,
  resetGuestPassword,
} from '#src/domain/guests/guests.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { endSession } from '#src/domain/sessions/sessions.ts'
import { type Endpoint, endpoint, type Incoming } from '#src/http/endpoint.ts'
import { newGuestHold, noGuestCookie } from '#src/http/guest-proof.ts'
import { judgeSameOrigin } from '#src/http/same-origin.ts'
import { enveloped, reply } from './answers.ts'
import { answerIn, needed, newPasswordIn } from './inputs.ts'

const text = z.string().nullish()
const setNumber = z.coerce.number().int().min(0).max(1_000_000).optional()

/** What goes wrong with a new password by mail is said with this status, and no error object. */
function failed(words: string, incoming: Incoming): Response {
  const { body, headers } = reply(words, incoming)
  return new Response(body, { status: 406, headers })
}

const firstPassword = (ctx: Context): Endpoint =>
  endpoint({
    at: 'POST /oxguard/guest?action=firstpass',
    what: 'Gives a guest his first password, with a question to be asked before a new one is mailed; signs him in',
    who: 'anyone',
    takes: 'json or form',
    in: {
      body: z.looseObject({
        question: text,
        answer: text,
        newpass: text,
        e_newpass: text,
        email: text,
        itemId: text,
        pin: z.union([z.string(), z.number()]).nullish(),
      }),
    },
    out: z.object({ auth: z.string(), session: z.string() }),
    limits: { perSecond: ctx.config.signInRate },
    async does(ctx, { body }, _caller, incoming) {
      judgeSameOrigin(ctx, incoming)
      const { origin, answer } = incoming
      // They may be blank, and must not be left out: who forgot them would never get a new password.
      for (const name of ['question', 'answer'] as const) if (body[name] === undefined) needed('', name)
      const address = needed(body.email ?? '', 'email')
      const itemId = needed(body.itemId ?? '', 'itemId')
      if (!body.newpass && !body.e_newpass) needed('', 'newpass')
      const newPassword = await newPasswordIn(ctx, { password: body.newpass, e_password: body.e_newpass })
      const { hold, cookie } = newGuestHold(ctx)
      const { auth } = await chooseFirstPassword(ctx, {
        address,
        itemId,
        pin: body.pin === null || body.pin === undefined ? undefined : String(body.pin),
        newPassword,
        question: { question: body.question ?? '', answer: body.answer ?? '' },
        hold,
        origin,
      })
      answer.append('Set-Cookie', cookie)
      return { auth, session: hold.token }
    },
  })

const question = (ctx: Context): Endpoint =>
  endpoint({
    at: 'GET /oxguard/guest?action=getquestion',
    what: 'What a guest is asked before a new password is mailed to him; nf where there is no such question',
    who: 'anyone',
    in: { query: z.object({ email: z.string().optional() }) },
    limits: { perSecond: ctx.config.signInRate },
    async does(ctx, { query }, _caller, { origin }) {
      return (await questionAt(ctx, { address: needed(query.email, 'email'), origin })) ?? 'nf'
    },
  })

/** The guest whose answer is right; words for who is none. */
async function answered(
  ctx: Context,
  { email, answer, origin }: { email: string; answer: string; origin: Incoming['origin'] },
): Promise<Guest | string> {
  try {
    return await proveAnswer(ctx, { address: email, answer, origin })
  } catch (error) {
    if (isRefusal(error, 'guest.answer-wrong')) return 'No Match'
    throw error
  }
}

const resetPassword = (ctx: Context): Endpoint =>
  endpoint({
    at: 'GET /oxguard/guest?action=resetpassword',
    what: 'Mails a guest a new random password, when his question is answered',
    who: 'anyone',
    in: {
      query: z.object({
        email: z.string().optional(),
        answer: z.string().optional(),
        language: z.string().max(20).optional(),
        templid: setNumber,
      }),
    },
    limits: { perSecond: ctx.config.signInRate },
    async does(ctx, { query }, _caller, incoming) {
      const { origin } = incoming
      const email = needed(query.email, 'email')
      const answer = await answerIn(ctx, needed(query.answer, 'answer'))
      if (answer === null) return failed('Error decoding answer', incoming)
      const guest = await answered(ctx, { email, answer, origin })
      if (typeof guest === 'string') return guest
      try {
        await resetGuestPassword(ctx, { guest, language: query.language, set: query.templid, origin })
        return 'OK'
      } catch (error) {
        if (isRefusal(error, 'mail.off')) return failed('FailNotify', incoming)
        if (isRefusal(error)) return failed('Failed to change', incoming)
        throw error
      }
    },
  })

const askForReset = (ctx: Context): Endpoint =>
  endpoint({
    at: 'GET /oxguard/guest?action=resetaccount',
    what: 'Mails a guest a link to start anew; the answer is the same for everybody',
    who: 'anyone',
    in: { query: z.object({ user: z.string().optional(), templid: setNumber }) },
    out: z.object({ data: z.literal('OK') }),
    limits: { perSecond: ctx.config.signInRate },
    async does(ctx, { query }, _caller, { origin }) {
      await askForAccountReset(ctx, { address: needed(query.user, 'user'), set: query.templid, origin })
      return enveloped('OK')
    },
  })

const resetAccount = (ctx: Context): Endpoint =>
  endpoint({
    at: 'POST /oxguard/guest?action=doresetaccount',
    what: 'Starts a guest anew by that link: a new key and password; what was sent to him so far is removed',
    who: 'anyone',
    takes: 'json or form',
    in: { body: z.looseObject({ resetid: text, email: text, password: text, e_password: text }) },
    out: z.object({ data: z.literal('OK') }),
    limits: { perSecond: ctx.config.signInRate },
    async does(ctx, { body }, _caller, { origin }) {
      const token = needed(body.resetid ?? '', 'resetid')
      const address = needed(body.email ?? '', 'email')
      if (!body.password && !body.e_password) needed('', 'password')
      const password = await newPasswordIn(ctx, body)
      await resetGuestAccount(ctx, { token, address, password, origin })
      return enveloped('OK')
    },
  })

const signOut = endpoint({
  at: 'POST /oxguard/guest?action=logout',
  what: 'Ends the session of a guest; an addition of ours',
  who: 'a guest',
  takes: 'none',
  async does(ctx, _input, { session }, { origin, answer }) {
    await endSession(ctx, session, origin)
    answer.append('Set-Cookie', noGuestCookie(ctx))
    return 'OK'
  },
})

/** What guests do by themselves: docs/guests.md. */
export const guestEndpoints = (ctx: Context): Endpoint[] => [
  firstPassword(ctx),
  question(ctx),
  resetPassword(ctx),
  askForReset(ctx),
  resetAccount(ctx),
  signOut,
]
