import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { endSession, signInToSession } from '#src/domain/sessions/sessions.ts'
import { userNumber } from '#src/domain/supporting/supporting.ts'
import { type Endpoint, endpoint, type Method } from '#src/http/endpoint.ts'
import { areCookiesSecure, cookieHeader, cookieProof, sessionCookieName } from '#src/http/session-proof.ts'
import { sessionQuery } from './inputs.ts'

const fields = { name: z.string().optional(), password: z.string().optional() }

const signIn = (ctx: Context): Endpoint =>
  endpoint({
    at: 'POST /login?action=login',
    what: 'App Suite sign-in: answers a session id, and sets the cookie that must travel with it',
    who: 'anyone',
    takes: 'json or form',
    in: { query: z.looseObject(fields), body: z.looseObject(fields) },
    out: z.object({
      session: z.string(),
      user: z.string(),
      user_id: z.int(),
      context_id: z.int(),
      locale: z.string(),
    }),
    // Names and passwords of a mebibyte are nobody’s, and cost time.
    limits: { perSecond: ctx.config.signInRate, body: 16_384 },
    async does(ctx, { query, body }, _caller, { origin, answer }) {
      const name = body.name ?? query.name
      const password = body.password ?? query.password
      if (!name) throw new Refusal('input.invalid', { params: ['name'] })
      if (!password) throw new Refusal('input.invalid', { params: ['password'] })
      const token = ctx.clock.chance.bytes(16).toString('hex')
      const secret = ctx.clock.chance.bytes(32).toString('base64url')
      const { account } = await signInToSession(ctx, {
        name,
        password,
        token,
        proof: cookieProof(secret),
        accepts: [],
        origin,
      })
      answer.append(
        'Set-Cookie',
        cookieHeader({ name: sessionCookieName('guard', token), value: secret, secure: areCookiesSecure(ctx) }),
      )
      return {
        session: token,
        user: account.email,
        user_id: userNumber(account.id),
        context_id: account.tenant,
        locale: account.locale || 'en_US',
      }
    },
  })

const signOut = (method: Method): Endpoint =>
  endpoint({
    at: `${method} /login?action=logout`,
    what: 'App Suite sign-out: ends the session and everything that hangs on it',
    who: 'a full session',
    takes: 'none',
    in: { query: z.object(sessionQuery) },
    async does(ctx, { query }, { session }, { origin, answer }) {
      await endSession(ctx, session, origin)
      const name = sessionCookieName('guard', query.session ?? '')
      answer.append('Set-Cookie', cookieHeader({ name, value: '', maxAge: 0, secure: areCookiesSecure(ctx) }))
      return new Response(null)
    },
  })

/** The sign-in of the host product, as far as Guard's clients need it. */
export const appSuiteEndpoints = (ctx: Context): Endpoint[] => [signIn(ctx), signOut('GET'), signOut('POST')]
