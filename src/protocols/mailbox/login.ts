import { z } from 'zod'
import { Refusal } from '#src/domain/refusals.ts'
import {
  endSession,
  finishSecondStep,
  signInDelegated,
  signInToSession,
  signOutEverywhere,
  waivedForBasic,
} from '#src/domain/sessions/sessions.ts'
import { captchaGate, openGate } from '#src/domain/throttles/captchas.ts'
import { credentialsOf } from '#src/http/credentials.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { headerProof } from '#src/http/session-proof.ts'
import { sentDevice } from './devices.ts'
import { dropCookie, freshCookie, freshToken, nextCookie } from './session.ts'
import { methodProof, noBody, query } from './shapes.ts'
import { signIns, stepHeader } from './states.ts'

export const sessid = z.object({ sessid: z.string() })

const login = endpoint({
  at: 'POST /login',
  what: 'Sign in with an Authorization header, which every later call repeats beside X-Axigen-Session',
  who: 'anyone',
  in: { query },
  out: sessid,
  async does(ctx, _input, _caller, { headers, origin }) {
    const credentials = credentialsOf(headers)
    if (!credentials) throw new Refusal('credentials.invalid')
    const token = freshToken(ctx)
    const held = { token, proof: headerProof(token, headers.get('authorization') ?? ''), origin }
    if (await signInDelegated(ctx, { ...held, delegation: credentials })) return { sessid: token }
    if ('token' in credentials) throw new Refusal('credentials.invalid')
    await signInToSession(ctx, {
      ...credentials,
      ...held,
      accepts: signIns['POST /login'],
      waived: waivedForBasic,
      gate: openGate,
    })
    return { sessid: token }
  },
})

const cookieLogin = endpoint({
  at: 'POST /login/cookie',
  what: 'Sign in to a session held by a cookie and the query parameter _h',
  who: 'anyone',
  in: {
    query,
    body: z.strictObject({
      username: z.string(),
      password: z.string(),
      captchaText: z.string().optional(),
      captchaId: z.string().optional(),
      rememberLogin: z.boolean().optional(),
    }),
  },
  out: sessid,
  async does(ctx, { body }, _caller, incoming) {
    const token = freshToken(ctx)
    const cookie = freshCookie(ctx, { handle: token, lasts: body.rememberLogin ?? false, incoming })
    const { session } = await signInToSession(ctx, {
      name: body.username,
      password: body.password,
      token,
      proof: cookie.proof,
      accepts: signIns['POST /login/cookie'],
      gate: captchaGate(body.username, { id: body.captchaId ?? '', text: body.captchaText ?? '' }),
      deviceOf: sentDevice(incoming),
      origin: incoming.origin,
    })
    const step = stepHeader(session)
    if (step) incoming.answer.set('X-Axigen-2FA', step)
    cookie.send()
    return { sessid: token }
  },
})

const secondStep = endpoint({
  at: 'POST /login/2fa',
  what: 'Pass the second step with a method’s token or a recovery code; the cookie changes, the session id stays',
  who: 'a session before its second step',
  in: { query, body: z.union([methodProof, z.strictObject({ recoveryCode: z.string() })]) },
  async does(ctx, { body }, caller, incoming) {
    const cookie = nextCookie(ctx, caller, incoming)
    const answer = 'recoveryCode' in body ? body : { id: body.methodId, code: body.totpToken }
    await finishSecondStep(ctx, { signed: caller, answer, proof: cookie.proof, origin: incoming.origin })
    cookie.send()
  },
})

const logout = endpoint({
  at: 'POST /logout',
  what: 'End the session, in whatever state it is',
  who: 'any session',
  takes: 'json',
  in: { query, body: noBody },
  async does(ctx, _input, { session }, incoming) {
    await endSession(ctx, session, incoming.origin)
    dropCookie(ctx, incoming)
  },
})

const logoutEverywhere = endpoint({
  at: 'POST /logout/everywhere',
  what: 'End every session of the account, in every protocol, this one included',
  who: 'a full session',
  takes: 'json',
  in: { query, body: noBody },
  async does(ctx, _input, { account }, incoming) {
    await signOutEverywhere(ctx, { account, origin: incoming.origin })
    dropCookie(ctx, incoming)
  },
})

export const loginEndpoints = [login, cookieLogin, secondStep, logout, logoutEverywhere]
