import type { Context } from '#src/context.ts'
import { isRefusal, Refusal } from '#src/domain/refusals.ts'
import { seats } from '#src/domain/seats.ts'
import { findSessionById, type Signed } from '#src/domain/sessions/sessions.ts'
import { opaqueId } from '#src/lib/chance.ts'
import { minutes as inMinutes, seconds } from '#src/lib/clock.ts'
import { decryptBytes, encryptBytes } from '#src/lib/sealing.ts'
import * as store from './key-session-store.ts'

/**
 * An auth token carries the unlock key, encrypted under a key that is made for this key session and never leaves the
 * server: stolen, it is worth nothing without the session it was made in, and nothing at all once that is over.
 * `v1.<key session>.<ciphertext>`; bound to account, session and the account's generation.
 */
interface Content {
  tenant: number
  account: string
  keySession: string
  issued: number
  expires: number
  /** good for one operation only */
  once: boolean
  /** base64url */
  unlockKey: string
}

const TOKEN = /^v1\.([\w-]{22})\.([\w-]{40,4000})$/

const bindingOf = ({ account, session }: Signed, keySession: string): string =>
  ['auth token', keySession, account.id, session.id, account.generation].join(' ')

/** Opens a key session and answers its token. `lifetime` in milliseconds shortens it. */
export async function makeToken(
  ctx: Context,
  signed: Signed,
  { unlockKey, once = false, lifetime }: { unlockKey: Buffer; once?: boolean; lifetime?: number },
): Promise<string> {
  const { account, session } = signed
  const now = ctx.clock.now()
  const longest = Math.min(seconds(ctx.config.keySessionLifetime), lifetime ?? Number.POSITIVE_INFINITY)
  const id = opaqueId(ctx.clock.chance)
  const key = ctx.clock.chance.bytes(32)
  const content: Content = {
    tenant: account.tenant,
    account: account.id,
    keySession: id,
    issued: now,
    expires: Math.min(now + longest, session.expires),
    once,
    unlockKey: unlockKey.toString('base64url'),
  }
  await store.insertKeySession(ctx, {
    id,
    account_id: account.id,
    session_id: session.id,
    key: ctx.secrets.sealer.seal(key, seats.keySession(id)),
    created: now,
    expires: content.expires,
  })
  const sealed = encryptBytes(key, Buffer.from(JSON.stringify(content)), bindingOf(signed, id))
  return `v1.${id}.${sealed.toString('base64url')}`
}

async function readToken(ctx: Context, signed: Signed, token: string): Promise<Content> {
  const invalid = new Refusal('key.token-invalid')
  const [, id, sealed] = TOKEN.exec(token) ?? []
  if (!id || !sealed) throw invalid
  const row = await store.liveKeySession(ctx, { id, sessionId: signed.session.id })
  if (!row) throw invalid
  const key = ctx.secrets.sealer.open(row.key, seats.keySession(id))
  try {
    const content = JSON.parse(
      decryptBytes(key, Buffer.from(sealed, 'base64url'), bindingOf(signed, id)).toString(),
    ) as Content
    if (content.expires <= ctx.clock.now()) throw invalid
    return content
  } catch {
    throw invalid
  }
}

/** The unlock key in a token; one that is good for a single operation is used up. Refuses with 'key.token-invalid'. */
export async function takeToken(ctx: Context, signed: Signed, token: string): Promise<Buffer> {
  const { once, keySession, unlockKey } = await readToken(ctx, signed, token)
  if (once && !(await store.endKeySession(ctx, keySession))) throw new Refusal('key.token-invalid')
  return Buffer.from(unlockKey, 'base64url')
}

/**
 * Whose session a token was made in, of a protocol in which the token alone proves it: only who opened that session has
 * it. Refuses with 'key.token-invalid', and like `findSessionById`.
 */
export async function holderOfToken(ctx: Context, token: string, protocol: string): Promise<Signed> {
  const [, id = ''] = TOKEN.exec(token) ?? []
  const sessionId = await store.sessionOfKeySession(ctx, id)
  if (sessionId === undefined) throw new Refusal('key.token-invalid')
  const signed = await findSessionById(ctx, sessionId, protocol)
  await readToken(ctx, signed, token)
  return signed
}

/** How long auth stays with a session: -1 for one operation, 0 until the session ends, else minutes. */
export type Minutes = number

/** Refuses with 'input.invalid'. */
export function judgeMinutes(minutes: Minutes): void {
  if (!Number.isSafeInteger(minutes) || minutes < -1)
    throw new Refusal('input.invalid', { params: ['minutesValid', String(minutes).slice(0, 40)] })
}

export interface StoredAuth {
  token: string
  minutes: Minutes
}

/** Leaves a token with the session. Refuses with 'input.invalid', and 'key.token-invalid': what was there stays then. */
export async function storeAuth(ctx: Context, signed: Signed, { token, minutes }: StoredAuth): Promise<StoredAuth> {
  judgeMinutes(minutes)
  const { expires } = await readToken(ctx, signed, token)
  const now = ctx.clock.now()
  await store.keepStoredAuth(ctx, {
    session_id: signed.session.id,
    token: ctx.secrets.sealer.seal(token, seats.storedAuth(signed.session.id)),
    minutes,
    created: now,
    expires: minutes > 0 ? Math.min(now + inMinutes(minutes), expires) : expires,
  })
  return { token, minutes }
}

/** What is left with the session, if it is still good; looking uses nothing up. */
export async function findStoredAuth(ctx: Context, signed: Signed): Promise<StoredAuth | null> {
  const row = await store.storedAuthOf(ctx, signed.session.id)
  if (!row) return null
  const token = ctx.secrets.sealer.open(row.token, seats.storedAuth(signed.session.id)).toString()
  try {
    await readToken(ctx, signed, token)
  } catch (error) {
    if (isRefusal(error, 'key.token-invalid')) return null
    throw error
  }
  return { token, minutes: row.minutes }
}

export async function dropStoredAuth(ctx: Context, signed: Signed): Promise<void> {
  const row = await store.storedAuthOf(ctx, signed.session.id)
  if (row) await store.dropStoredAuth(ctx, row)
}

/** The unlock key that is left with the session, for one operation. Refuses with 'key.password-missing'. */
export async function takeStoredAuth(ctx: Context, signed: Signed): Promise<Buffer> {
  const missing = new Refusal('key.password-missing')
  const row = await store.storedAuthOf(ctx, signed.session.id)
  if (!row) throw missing
  if (row.minutes === -1 && !(await store.dropStoredAuth(ctx, row))) throw missing
  try {
    return await takeToken(
      ctx,
      signed,
      ctx.secrets.sealer.open(row.token, seats.storedAuth(signed.session.id)).toString(),
    )
  } catch (error) {
    throw isRefusal(error, 'key.token-invalid') ? missing : error
  }
}
