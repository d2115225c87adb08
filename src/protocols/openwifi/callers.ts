import type { Context } from '#src/context.ts'
import { type Actor, reaches, serviceActor } from '#src/domain/accounts/accounts.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { findApiKey, findSession, judgeElevation } from '#src/domain/sessions/sessions.ts'
import type { Asker, Caller, Holder, Incoming } from '#src/http/endpoint.ts'
import { provenSession } from '#src/http/session-proof.ts'
import { isSame } from '#src/lib/digests.ts'
import { bearerOf } from './oauth2.ts'

type Held = Awaited<ReturnType<typeof findApiKey>>

// What this service is called in the rights of a key.
const OURS = 'owsec'

/** Rights are kept for whoever asks whose a key is; here two of their words are heeded, and the strictest counts. */
function judgeRights({ rights }: Held, method: string): void {
  const ours = rights.filter(({ service }) => service.toLowerCase() === OURS).map(({ access }) => access.toLowerCase())
  if (ours.includes('none') || (ours.includes('read') && method !== 'GET')) throw new Refusal('access.denied')
}

async function heldKey(ctx: Context, incoming: Incoming): Promise<Held | null> {
  const value = incoming.headers.get('x-api-key')
  if (value === null) return null
  const held = await findApiKey(ctx, value)
  judgeRights(held, incoming.method)
  return held
}

/** Whoever holds a token. */
export async function byToken(ctx: Context, incoming: Incoming): Promise<Caller | null> {
  const token = bearerOf(incoming)
  return token ? findSession(ctx, token, incoming.origin.protocol) : null
}

/** Whoever is signed in to the mailbox protocol, as the web console is: a session is one wherever it was opened. */
async function bySession(ctx: Context, { headers }: Incoming): Promise<Caller | null> {
  const handle = headers.get('x-axigen-session') ?? ''
  return handle === '' ? null : provenSession(ctx, { handle, headers, protocols: ['mailbox'] })
}

/** Whoever holds an API key, which wins, or a token, or else a session of the mailbox protocol: at the public listener. */
export async function byKeyOrToken(ctx: Context, incoming: Incoming): Promise<Holder | null> {
  const held = await heldKey(ctx, incoming)
  if (!held) return (await byToken(ctx, incoming)) ?? bySession(ctx, incoming)
  return { account: held.account, session: null, without: 'key', until: held.expires }
}

/** A sibling service, with any name and the key of this house, or whoever holds a token: at the internal listener. */
export async function byServiceOrToken(ctx: Context, incoming: Incoming): Promise<Asker | null> {
  const name = incoming.headers.get('x-internal-name')
  if (name === null) return byToken(ctx, incoming)
  if (!isSame(incoming.headers.get('x-api-key') ?? '', ctx.secrets.internalKey)) throw new Refusal('session.invalid')
  return { account: serviceActor(name.slice(0, 200)), session: null, without: 'service' }
}

/**
 * What protects an account is for a person, not for a key that he left with a program: neither his own, nor one that
 * could change his. Else whoever finds the key makes himself an account that outlives it. 'access.denied'.
 */
export function judgePerson({ account, without }: Asker, target: Pick<Actor, 'id' | 'role'>): void {
  if (without !== 'key') return
  if (account.id === target.id || reaches(target, account)) throw new Refusal('access.denied')
}

/**
 * A session of the mailbox protocol has to be elevated for what protects an account, as there: with a session that somebody
 * left open, or that a known browser opened without the second step, this protocol would be the way around. Tokens of
 * its own are not elevated. 'elevation.missing', 'elevation.invalid'.
 */
export async function judgeElevated(ctx: Context, { session }: Asker, { headers }: Incoming): Promise<void> {
  if (session?.protocol === 'mailbox') await judgeElevation(ctx, session, headers.get('x-axigen-security-token'))
}

/**
 * Judges once more who asks, and tells until when (epoch milliseconds) an answer to him may be given again without
 * judging: he can have been shut out since he came in.
 */
export async function askerUntil(ctx: Context, asker: Asker, incoming: Incoming): Promise<number> {
  if (asker.without === 'service') return Number.POSITIVE_INFINITY
  if (asker.without === 'key') {
    const held = await heldKey(ctx, incoming)
    if (!held) throw new Refusal('session.missing')
    return Math.min(held.expires, held.noted)
  }
  const caller = (await byToken(ctx, incoming)) ?? (await bySession(ctx, incoming))
  if (!caller) throw new Refusal('session.missing')
  return caller.session.expires
}
