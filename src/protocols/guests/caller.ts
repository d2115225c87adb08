import type { Context } from '#src/context.ts'
import type { Proof } from '#src/domain/mail/mail.ts'
import { saidAs } from '#src/domain/refusals.ts'
import { callerOf } from '#src/http/any-session.ts'
import type { Caller, Incoming } from '#src/http/endpoint.ts'
import { bringsGuest, guestCallerOf, guestProof } from '#src/http/guest-proof.ts'
import { proofOf } from '#src/http/key-proof.ts'
import { judgeSameOrigin } from '#src/http/same-origin.ts'

const READING = ['GET', 'HEAD']

/** Auth tokens of guests begin so; tokens of OpenWiFi are plain hexadecimal. */
const GUEST_TOKEN = /^bearer +v1\./i

function namesAccount({ url, headers }: Incoming): boolean {
  return headers.has('x-axigen-session') || url.searchParams.has('_h') || url.searchParams.has('session')
}

/**
 * A guest, by his token or his cookie; or anybody with a session of his own account, which may have taken a guest's mail
 * over. A session that is named counts before a cookie that a browser sends by itself. What changes something must not
 * come from a page of somebody else.
 */
export async function readerCaller(ctx: Context, incoming: Incoming): Promise<Caller | null> {
  if (!READING.includes(incoming.method)) judgeSameOrigin(ctx, incoming)
  const bearer = incoming.headers.get('authorization') ?? ''
  const isGuest = !namesAccount(incoming) && (GUEST_TOKEN.test(bearer) || (bringsGuest(ctx, incoming) && bearer === ''))
  // His token is his session: when it is over, that is.
  return isGuest
    ? guestCallerOf(ctx, incoming).catch(saidAs('session.invalid', 'key.token-invalid'))
    : callerOf(ctx, incoming)
}

/** What opens the key of whoever reads. */
export const readerProof = ({ session }: Caller, incoming: Incoming): Proof =>
  session.state === 'guest' ? guestProof(incoming) : proofOf(incoming.headers)
