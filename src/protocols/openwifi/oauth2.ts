import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { findAccount } from '#src/domain/accounts/accounts.ts'
import type { Kind } from '#src/domain/factors/factors.ts'
import { requestPasswordLink } from '#src/domain/recovery/recovery.ts'
import { Refusal } from '#src/domain/refusals.ts'
import {
  challengedSignIn,
  endSessionOfToken,
  finishChallenge,
  refreshTokens,
  resendChallenge,
  type SignedIn,
} from '#src/domain/sessions/sessions.ts'
import { type Endpoint, endpoint, type Incoming } from '#src/http/endpoint.ts'
import { toEpochSeconds } from '#src/lib/clock.ts'
import { Done, done } from './done.ts'
import type { Door } from './doors.ts'
import { flag, secret, text } from './input.ts'
import { passwordPattern, passwordRule } from './password-rule.ts'
import { complaint } from './refuse.ts'
import { methods, UserInfo, userInfo } from './user-info.ts'
import { noToken, WebToken, webToken } from './web-token.ts'

const Query = z.object({
  grant_type: z.string().optional(),
  requirements: flag,
  forgotPassword: flag,
  resendMFACode: flag,
  completeMFAChallenge: flag,
  newPassword: z.string().optional(),
})

const Body = z.object({
  userId: text(),
  password: secret,
  newPassword: secret,
  refreshToken: secret,
  uuid: text(),
  answer: secret,
})

interface Asked {
  door: Door
  query: z.output<typeof Query>
  body: z.output<typeof Body>
  incoming: Incoming
}

const Requirements = z.object({ accessPolicy: z.string(), passwordPattern: z.string(), passwordPolicy: z.string() })
const Challenge = z.object({ created: z.int(), method: z.string(), question: z.string(), uuid: z.string() })

/** The token of an Authorization header; null when it holds none of this kind. */
export const bearerOf = (incoming: Incoming): string | null =>
  /^bearer +(\S+) *$/i.exec(incoming.headers.get('authorization') ?? '')?.[1] ?? null

const written = (result: SignedIn): z.output<typeof WebToken> | z.output<typeof Challenge> => {
  if (result.kind === 'challenge')
    return {
      created: toEpochSeconds(result.created),
      // A recovery code is typed where an authenticator's would be.
      method: methods[(result.factor?.kind ?? 'authApp') as Kind],
      question: 'mfa challenge',
      uuid: result.id,
    }
  const { account, tokens } = result
  return webToken(tokens.session, { ...tokens, account })
}

async function refresh(ctx: Context, { body, incoming }: Asked) {
  const access = bearerOf(incoming)
  if (!access || !body.refreshToken) throw new Refusal('refresh.invalid')
  const tokens = await refreshTokens(ctx, { access, refresh: body.refreshToken, origin: incoming.origin })
  const account = await findAccount(ctx, tokens.session.account_id)
  if (!account) throw new Refusal('refresh.invalid')
  return webToken(tokens.session, { ...tokens, account })
}

const requirements = async (ctx: Context): Promise<z.output<typeof Requirements>> => ({
  accessPolicy: '/wwwassets/access_policy.html',
  passwordPattern: passwordPattern(ctx),
  passwordPolicy: '/wwwassets/password_policy.html',
})

async function forgot(ctx: Context, { door, body, incoming }: Asked): Promise<z.output<typeof WebToken>> {
  const { population } = door
  await requestPasswordLink(ctx, { name: body.userId ?? '', population, origin: incoming.origin })
  // Whoever it was, and whether there is such an account.
  return { ...noToken, userMustChangePassword: true }
}

async function resend(ctx: Context, { door, body }: Asked) {
  if (!body.uuid) throw new Refusal('challenge.invalid')
  await resendChallenge(ctx, { id: body.uuid, population: door.population })
  return done('POST')
}

async function complete(ctx: Context, { door, body, incoming }: Asked) {
  const { uuid: id, answer } = body
  if (!id || !answer) throw new Refusal('challenge.failed')
  const { population } = door
  return written(await finishChallenge(ctx, { id, answer, population, origin: incoming.origin }))
}

// One generated client writes every parameter into the URL, absent ones as the word `null`.
const newPasswordOf = ({ query, body }: Asked): string | undefined => {
  if (body.newPassword !== undefined) return body.newPassword
  return query.newPassword === '' || query.newPassword === 'null' ? undefined : query.newPassword
}

const signIn = async (ctx: Context, asked: Asked) =>
  written(
    await challengedSignIn(ctx, {
      name: asked.body.userId ?? '',
      password: asked.body.password ?? '',
      newPassword: newPasswordOf(asked),
      rule: passwordRule(ctx),
      population: asked.door.population,
      origin: asked.incoming.origin,
    }),
  )

/** What a POST means; the first that fits counts. */
function meaning(asked: Asked): (ctx: Context, asked: Asked) => Promise<unknown> {
  const { query, body } = asked
  if (body.refreshToken !== undefined && query.grant_type === 'refresh_token') return refresh
  if (query.requirements) return requirements
  if (query.forgotPassword) return forgot
  if (query.resendMFACode) return resend
  if (query.completeMFAChallenge) return complete
  return signIn
}

const post = (door: Door) =>
  endpoint({
    at: `POST ${door.signIn}`,
    what: 'Sign in; pass the second step; renew tokens; ask for a new password, or what one must be like',
    who: 'anyone',
    in: { query: Query, body: Body },
    out: z.union([WebToken, Challenge, Requirements, Done]),
    does: (ctx, { query, body }, _caller, incoming) => {
      const asked = { door, query, body, incoming }
      return meaning(asked)(ctx, asked)
    },
  })

const me = (door: Door) =>
  endpoint({
    at: `GET ${door.signIn}`,
    what: 'The record of the caller',
    who: 'a session or key',
    in: { query: z.object({ me: flag }) },
    out: UserInfo,
    async does(ctx, { query }, { account }) {
      if (!query.me) throw complaint(1050)
      return userInfo(ctx, account)
    },
  })

const signOut = (door: Door) =>
  endpoint({
    at: `DELETE ${door.signIn}/{token}`,
    what: 'End the session of the token that the call itself brings',
    who: 'anyone',
    in: { path: z.object({ token: z.string() }) },
    async does(ctx, { path }, _caller, incoming) {
      const token = bearerOf(incoming)
      if (!token || token !== path.token) throw complaint(1018)
      await endSessionOfToken(ctx, { token, protocol: incoming.origin.protocol, origin: incoming.origin })
      return new Response(null, { status: 204 })
    },
  })

/** Signing in and out at a door, each path bounded per second and client. */
export const oauth2 = (ctx: Context, door: Door): Endpoint[] =>
  [post(door), me(door), signOut(door)].map((one) => ({ ...one, limits: { perSecond: ctx.config.signInRate } }))
