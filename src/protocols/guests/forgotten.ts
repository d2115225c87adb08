import { z } from 'zod'
import type { Context } from '#src/context.ts'
import {
  askForAccountReset,
  proveAnswer,
  questionAt,
  resetGuestAccount,
  resetGuestPassword,
} from '#src/domain/guests/guests.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import { judgeSameOrigin } from '#src/http/same-origin.ts'

const address = z.string().max(500)
const done = (): Response => new Response(null, { status: 204 })

const question = (ctx: Context): Endpoint =>
  endpoint({
    at: 'POST /guest/forgotten',
    what: 'What a guest is asked before a new password is mailed to him; null where there is no such question',
    who: 'anyone',
    takes: 'json',
    in: { body: z.strictObject({ address }) },
    out: z.object({ question: z.string().nullable() }),
    limits: { perSecond: ctx.config.signInRate },
    async does(ctx, { body: { address } }, _caller, incoming) {
      judgeSameOrigin(ctx, incoming)
      return { question: await questionAt(ctx, { address, origin: incoming.origin }) }
    },
  })

const answer = (ctx: Context): Endpoint =>
  endpoint({
    at: 'POST /guest/forgotten/answer',
    what: 'Mails a guest a new random password, when his question is answered',
    who: 'anyone',
    takes: 'json',
    in: {
      body: z.strictObject({
        address,
        answer: z.string().max(2000),
        language: z.string().max(20).optional().describe('of the mail; the one that he is written to in, if absent'),
      }),
    },
    limits: { perSecond: ctx.config.signInRate },
    async does(ctx, { body: { address, answer, language } }, _caller, incoming) {
      judgeSameOrigin(ctx, incoming)
      const { origin } = incoming
      const guest = await proveAnswer(ctx, { address, answer, origin })
      await resetGuestPassword(ctx, { guest, language, origin })
      return done()
    },
  })

const ask = (ctx: Context): Endpoint =>
  endpoint({
    at: 'POST /guest/anew',
    what: 'Mails a guest a link to start anew; the answer is the same for everybody',
    who: 'anyone',
    takes: 'json',
    in: { body: z.strictObject({ address }) },
    limits: { perSecond: ctx.config.signInRate },
    async does(ctx, { body: { address } }, _caller, incoming) {
      judgeSameOrigin(ctx, incoming)
      await askForAccountReset(ctx, { address, origin: incoming.origin })
      return done()
    },
  })

const anew = (ctx: Context): Endpoint =>
  endpoint({
    at: 'POST /guest/anew/confirm',
    what: 'Starts a guest anew by that link: a new key and password; what was sent to him so far is removed',
    who: 'anyone',
    takes: 'json',
    in: { body: z.strictObject({ reset: z.string().max(200), address, new: z.string().max(5000) }) },
    limits: { perSecond: ctx.config.signInRate },
    async does(ctx, { body }, _caller, incoming) {
      judgeSameOrigin(ctx, incoming)
      const { reset, address, new: password } = body
      await resetGuestAccount(ctx, { token: reset, address, password, origin: incoming.origin })
      return done()
    },
  })

/** What helps guests who have forgotten their password. */
export const forgottenEndpoints = (ctx: Context): Endpoint[] => [question(ctx), answer(ctx), ask(ctx), anew(ctx)]
