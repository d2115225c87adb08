import type { Context } from '#src/context.ts'
import { type Guest, guestOf, type Hold } from '#src/domain/guests/guests.ts'
import { holderOfToken } from '#src/domain/keys/keys.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Signed } from '#src/domain/sessions/sessions.ts'
import { credentialsOf } from './credentials.ts'
import type { Incoming } from './endpoint.ts'
import {
  areCookiesSecure,
  cookieHeader,
  cookieProof,
  cookiesOf,
  guestCookieName,
  provenSession,
} from './session-proof.ts'

/** A guest who is signed in, and what opens his key: the token that he sent, or what is left with his session. */
export interface GuestCaller extends Signed {
  guest: Guest
  proof: { token: string } | 'stored'
}

/** The auth token that a request brings; null for none. */
function tokenIn(headers: Headers): string | null {
  const given = headers.get('x-guest-auth')
  if (given) return given
  const credentials = credentialsOf(headers)
  return credentials && 'token' in credentials ? credentials.token : null
}

/** What opens the key of a guest who calls: the token that he sent, or what is left with his session. */
export function guestProof({ headers }: Pick<Incoming, 'headers'>): GuestCaller['proof'] {
  const token = tokenIn(headers)
  return token === null ? 'stored' : { token }
}

/** Does a request bring anything that could be a guest's? */
export const bringsGuest = (ctx: Context, { headers }: Pick<Incoming, 'headers'>): boolean =>
  headers.has('x-guest-auth') || cookiesOf(headers).has(guestCookieName(ctx))

/** The guest whose session this is, with his real address in his account. Refuses with 'session.invalid'. */
export async function guestSigned(ctx: Context, { session }: Signed): Promise<Signed & { guest: Guest }> {
  const guest = await guestOf(ctx, session.account_id)
  if (!guest) throw new Refusal('session.invalid')
  return { session, account: guest.account, guest }
}

/**
 * The guest who calls: by his auth token alone (header X-Guest-Auth, or Authorization: Bearer), or by his cookie. Refuses
 * with 'session.missing', 'session.invalid', 'session.expired', 'session.unproven' and 'key.token-invalid'.
 */
export async function guestCallerOf(ctx: Context, { headers }: Pick<Incoming, 'headers'>): Promise<GuestCaller> {
  const token = tokenIn(headers)
  if (token !== null) return { ...(await guestSigned(ctx, await holderOfToken(ctx, token, 'guest'))), proof: { token } }
  const handle = (cookiesOf(headers).get(guestCookieName(ctx)) ?? '').split('.')[0]!
  const signed = await provenSession(ctx, { handle, headers, protocols: ['guest'] })
  return { ...(await guestSigned(ctx, signed)), proof: 'stored' }
}

/** What a new session of a guest is held by, and the cookie for it. */
export function newGuestHold(ctx: Context): { hold: Hold; cookie: string } {
  const token = ctx.clock.chance.bytes(16).toString('hex')
  const value = `${token}.${ctx.clock.chance.bytes(32).toString('base64url')}`
  return {
    hold: { token, proof: cookieProof(value) },
    cookie: cookieHeader({ name: guestCookieName(ctx), value, secure: areCookiesSecure(ctx) }),
  }
}

/** The header that takes the cookie of a guest away. */
export const noGuestCookie = (ctx: Context): string =>
  cookieHeader({ name: guestCookieName(ctx), value: '', maxAge: 0, secure: areCookiesSecure(ctx) })
