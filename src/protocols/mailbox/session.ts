import type { Context } from '#src/context.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Signed } from '#src/domain/sessions/sessions.ts'
import type { Caller, Incoming } from '#src/http/endpoint.ts'
import {
  areCookiesSecure,
  cookieHeader,
  cookieProof,
  cookiesOf,
  provenSession,
  sessionCookieName,
} from '#src/http/session-proof.ts'
import { opaqueId } from '#src/lib/chance.ts'

/** 256 random bits: a session id, or the value of its cookie. */
export const freshToken = ({ clock }: Context): string => opaqueId(clock.chance) + opaqueId(clock.chance)

/** The session id as a request names it: in a header, or in the query as cookie clients do. */
export const handleOf = ({ headers, url }: Incoming): string =>
  headers.get('x-axigen-session') ?? url.searchParams.get('_h') ?? ''

/** The caller behind a request: neither the session id nor what proves it is enough alone. */
export async function callerOf(ctx: Context, incoming: Incoming): Promise<Caller | null> {
  const handle = handleOf(incoming)
  return handle === '' ? null : provenSession(ctx, { handle, headers: incoming.headers, protocols: ['mailbox'] })
}

// A cookie that shall outlive the browser says so itself, so that the one after the second step can do the same.
const LASTING = 'l.'

interface FreshCookie {
  proof: string
  /** Puts the cookie on the answer; done last, so that a refusal carries none. */
  send(): void
}

/** The cookie of a session that begins; `lasts`: beyond the end of the browser. */
export function freshCookie(
  ctx: Context,
  { handle, lasts, incoming }: { handle: string; lasts: boolean; incoming: Incoming },
): FreshCookie {
  const value = (lasts ? LASTING : '') + freshToken(ctx)
  return {
    proof: cookieProof(value),
    send: () =>
      incoming.answer.append(
        'Set-Cookie',
        cookieHeader({
          name: sessionCookieName('mailbox', handle),
          value,
          maxAge: lasts ? ctx.config.sessionLifetime : undefined,
          secure: areCookiesSecure(ctx),
        }),
      ),
  }
}

const sentCookie = (incoming: Incoming): string | undefined =>
  cookiesOf(incoming.headers).get(sessionCookieName('mailbox', handleOf(incoming)))

/** A new cookie for the session of this request, which then replaces the one it came with; null if it came with none. */
export function cookieAfter(ctx: Context, { session }: Signed, incoming: Incoming): FreshCookie | null {
  if (!session.proof?.startsWith('cookie:')) return null
  const lasts = sentCookie(incoming)?.startsWith(LASTING) ?? false
  return freshCookie(ctx, { handle: handleOf(incoming), lasts, incoming })
}

/** The same for a session that is held by a cookie in any case: 'challenge.invalid'. */
export function nextCookie(ctx: Context, signed: Signed, incoming: Incoming): FreshCookie {
  const cookie = cookieAfter(ctx, signed, incoming)
  if (!cookie) throw new Refusal('challenge.invalid')
  return cookie
}

/** Takes the cookie of an ended session away from the browser, if it came with one. */
export function dropCookie(ctx: Context, incoming: Incoming): void {
  if (sentCookie(incoming) === undefined) return
  const name = sessionCookieName('mailbox', handleOf(incoming))
  incoming.answer.append('Set-Cookie', cookieHeader({ name, value: '', maxAge: 0, secure: areCookiesSecure(ctx) }))
}
