import { z } from 'zod'
import { signInOptions } from '#src/domain/passkeys/passkeys.ts'
import { finishSecondStep, signInWithPasskey } from '#src/domain/sessions/sessions.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { sessid } from './login.ts'
import { assertion, largestAnswer, options } from './passkey-shapes.ts'
import { freshCookie, freshToken, nextCookie } from './session.ts'
import { noBody, query } from './shapes.ts'

// What anybody may call: each time it leaves a row, or costs a signature.
const limits = { ...largestAnswer, perSecond: 'signInRate' } as const

const begin = endpoint({
  at: 'POST /login/passkey/options',
  what: 'What navigator.credentials.get() needs to sign in with any passkey of this server',
  who: 'anyone',
  takes: 'json',
  in: { query, body: noBody },
  out: options,
  limits,
  does: (ctx) => signInOptions(ctx),
})

const login = endpoint({
  at: 'POST /login/passkey',
  what: 'Sign in with a passkey alone, to a session held by a cookie and the query parameter _h',
  who: 'anyone',
  in: { query, body: z.strictObject({ response: assertion, rememberLogin: z.boolean().optional() }) },
  out: sessid,
  limits,
  async does(ctx, { body }, _caller, incoming) {
    const token = freshToken(ctx)
    const cookie = freshCookie(ctx, { handle: token, lasts: body.rememberLogin ?? false, incoming })
    const { proof } = cookie
    await signInWithPasskey(ctx, { answer: body.response, token, proof, origin: incoming.origin })
    cookie.send()
    return { sessid: token }
  },
})

const secondStep = endpoint({
  at: 'POST /login/2fa/passkey',
  what: 'Pass the second step with a passkey; the cookie changes, the session id stays',
  who: 'a session before its second step',
  in: { query, body: z.strictObject({ response: assertion }) },
  limits: largestAnswer,
  async does(ctx, { body }, caller, incoming) {
    const cookie = nextCookie(ctx, caller, incoming)
    const answer = { passkey: body.response }
    await finishSecondStep(ctx, { signed: caller, answer, proof: cookie.proof, origin: incoming.origin })
    cookie.send()
  },
})

/** Signing in with a passkey, as the first step or the second. */
export const passkeyLoginEndpoints = [begin, login, secondStep]
