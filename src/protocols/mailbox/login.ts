import { z } from 'zod'
import { Refusal } from '#src/domain/refusals.ts'
import {
  endSession,
  finishSecondStep,
  hurdles,
  type State,
  signInToSession,
  signOutEverywhere,
} from '#src/domain/sessions/sessions.ts'
import { decodeText } from '#src/http/body.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { basicProof } from '#src/http/session-proof.ts'
import { dropCookie, freshCookie, freshToken, nextCookie } from './session.ts'
import { methodProof, noBody, query } from './shapes.ts'

const sessid = z.object({ sessid: z.string() })

/** The name and password of a Basic header (RFC 7617, UTF-8); refused like a wrong password when it is none. */
function basicCredentials(authorization: string): { name: string; password: string } {
  const [, encoded] = /^basic +([\w+/-]+=*) *$/i.exec(authorization) ?? []
  if (!encoded) throw new Refusal('credentials.invalid')
  const pair = decodeText(Buffer.from(encoded, 'base64'))
  const colon = pair.indexOf(':')
  if (colon < 0) throw new Refusal('credentials.invalid')
  return { name: pair.slice(0, colon), password: pair.slice(colon + 1) }
}

const login = endpoint({
  at: 'POST /login',
  what: 'Sign in with an Authorization header, which every later call repeats beside X-Axigen-Session',
  who: 'anyone',
  in: { query },
  out: sessid,
  async does(ctx, _input, _caller, { headers, origin }) {
    const authorization = headers.get('authorization') ?? ''
    const token = freshToken(ctx)
    await signInToSession(ctx, {
      ...basicCredentials(authorization),
      token,
      proof: basicProof(token, authorization),
      accepts: ['change'],
      waived: ({ basicNeedsFactor }) => (basicNeedsFactor ? undefined : 'setup'),
      origin,
    })
    return { sessid: token }
  },
})

/** What a partial session still waits for, as its header says it. */
const stepHeader: Partial<Record<State, string>> = { required: 'required', setup: 'mandatory' }

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
      accepts: hurdles,
      origin: incoming.origin,
    })
    const step = stepHeader[session.state as State]
    if (step) incoming.answer.set('X-Axigen-2FA', step)
    cookie.send()
    return { sessid: token }
  },
})

const secondStep = endpoint({
  at: 'POST /login/2fa',
  what: 'Pass the second step with a method’s token or a recovery code; the cookie changes, the session id stays',
  who: 'full, setup or required',
  in: { query, body: z.union([methodProof, z.strictObject({ recoveryCode: z.string() })]) },
  async does(ctx, { body }, caller, incoming) {
    if (caller.session.state === 'setup') throw new Refusal('session.setup')
    if (caller.session.state !== 'required') throw new Refusal('challenge.invalid')
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
