import type { Context } from '#src/context.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { findProvenSession, judgeDelegation, type Session, type Signed } from '#src/domain/sessions/sessions.ts'
import { hmac, isSame, sha256 } from '#src/lib/digests.ts'
import { credentialsOf } from './credentials.ts'

/**
 * What must travel beside a session's handle, in each protocol. It stands here, and not with the protocols, because one
 * protocol may take the sessions of another and has to judge them just as strictly.
 */
export type SessionProtocol = 'openwifi' | 'openwifi-subscribers' | 'mailbox' | 'guard' | 'guest'

// The prefixes keep the two apart: a session opened with one kind of proof is never held by the other.
/** How the value of a session's cookie is kept. */
export const cookieProof = (value: string): string => `cookie:${sha256(value)}`

/**
 * How an Authorization header is kept. It may hold a password, so its digest is keyed with the session's handle, which the
 * database does not have: nobody guesses passwords with a stolen copy.
 */
export const headerProof = (sessionId: string, authorization: string): string =>
  `basic:${hmac(sessionId, authorization)}`

const cookiePrefixes = { mailbox: 'mailbox-secret-', guard: 'open-xchange-secret-' }

/**
 * The name of a guest's cookie: `<handle>.<secret>`. Where cookies are kept to https, no neighbour under the same domain
 * can put one of his there that begins so (RFC 6265bis, 4.1.3.2), and have somebody write in his name.
 */
export const guestCookieName = (ctx: Context): string => `${areCookiesSecure(ctx) ? '__Host-' : ''}guest-session`

/** The name of a session's cookie: one per session, so that two accounts can live in one browser. */
export const sessionCookieName = (protocol: 'mailbox' | 'guard', handle: string): string =>
  cookiePrefixes[protocol] + sha256(handle).slice(0, 16)

// What else `trim` takes for white space can be the beginning of a name: that of a cookie which a neighbour put there, and
// which only looks like one under `__Host-` then.
const unspaced = (text: string): string => text.replace(/^[ \t]+|[ \t]+$/g, '')

/** The cookies of a request. Of two with one name the first counts: it has the longer path (RFC 6265 §5.4). */
export function cookiesOf(headers: Headers): Map<string, string> {
  const cookies = new Map<string, string>()
  for (const pair of (headers.get('cookie') ?? '').split(';')) {
    const at = pair.indexOf('=')
    const name = unspaced(pair.slice(0, at))
    if (at > 0 && !cookies.has(name)) cookies.set(name, unspaced(pair.slice(at + 1)))
  }
  return cookies
}

/** Must cookies be kept to https? Whenever people reach us so. */
export const areCookiesSecure = ({ config }: Context): boolean =>
  config.tls !== 'off' || (config.publicUrl?.startsWith('https:') ?? false)

/** A Set-Cookie header. `maxAge` in seconds; without it the cookie ends with the browser, and 0 takes it away. */
export function cookieHeader({
  name,
  value,
  maxAge,
  secure,
  path = '/',
}: {
  name: string
  value: string
  maxAge?: number
  secure: boolean
  path?: string
}): string {
  const age = maxAge === undefined ? '' : `; Max-Age=${maxAge}`
  return `${name}=${value}; Path=${path}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}${age}`
}

interface Sent {
  handle: string
  headers: Headers
}

const sentCookie = (protocol: 'mailbox' | 'guard', { handle, headers }: Sent): string =>
  cookieProof(cookiesOf(headers).get(sessionCookieName(protocol, handle)) ?? '')

const bearerProof = (_session: Session, { handle, headers }: Sent): boolean =>
  isSame((headers.get('authorization') ?? '').replace(/^bearer /i, 'Bearer '), `Bearer ${handle}`)

const proofs: Record<SessionProtocol, (session: Session, sent: Sent, ctx: Context) => boolean> = {
  openwifi: bearerProof,
  'openwifi-subscribers': bearerProof,
  mailbox: ({ proof }, sent) =>
    proof !== null &&
    [sentCookie('mailbox', sent), headerProof(sent.handle, sent.headers.get('authorization') ?? '')].some((given) =>
      isSame(proof, given),
    ),
  guard: ({ proof }, sent) => proof !== null && isSame(proof, sentCookie('guard', sent)),
  // It holds the handle, so that it is enough alone: there is one guest in a browser.
  guest: ({ proof }, { headers }, ctx) =>
    proof !== null && isSame(proof, cookieProof(cookiesOf(headers).get(guestCookieName(ctx)) ?? '')),
}

/**
 * The session of one of `protocols` that a handle names, if the request proves it in the way of that protocol, and what
 * a program opened it with still stands. Refuses with 'session.missing', 'session.invalid', 'session.expired' or
 * 'session.unproven'.
 */
export async function provenSession(
  ctx: Context,
  { handle, headers, protocols }: Sent & { protocols: readonly SessionProtocol[] },
): Promise<Signed> {
  if (handle === '') throw new Refusal('session.missing')
  const signed = await findProvenSession(ctx, {
    token: handle,
    protocols,
    isProven: (session) => proofs[session.protocol as SessionProtocol](session, { handle, headers }, ctx),
  })
  if (signed.session.state === 'delegated') await judgeDelegation(ctx, signed, credentialsOf(headers))
  return signed
}
