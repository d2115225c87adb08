import { atomically, type Context } from '#src/context.ts'
import {
  type Account,
  type Actor,
  holdAccount,
  isShutOut,
  judgeStanding,
  mayCheckTokens,
} from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { Refusal, saidAs } from '#src/domain/refusals.ts'
import { seats } from '#src/domain/seats.ts'
import { uuid } from '#src/lib/chance.ts'
import { minutes } from '#src/lib/clock.ts'
import { sha256 } from '#src/lib/digests.ts'
import * as store from './api-key-store.ts'

/** What a key may do at one service, in that service's own words. */
export interface Right {
  service: string
  access: string
}

/** A key as it is shown; `value` is null for whom it is not to be shown. */
export interface ApiKey extends Omit<store.ApiKeyRow, 'digest' | 'sealed' | 'rights'> {
  rights: Right[]
  value: string | null
}

/** A key that was presented, and its owner. */
export interface Held {
  account: Account
  /** epoch milliseconds */
  expires: number
  /** epoch milliseconds until which its use is written down exactly enough */
  noted: number
  rights: Right[]
}

/** How many keys somebody may have, how many rights each, and how long the words of a right may be. */
export const apiKeyBounds = { keys: 10, rights: 50, word: 64 } as const

// How often a use is written: once a minute is exact enough, and a write per request would not be.
const NOTED_EVERY = minutes(1)

/** Whose keys somebody may keep: his own, and root everybody's. */
function judgeReach(caller: Account, ownerId: string): void {
  if (caller.id !== ownerId && caller.role !== 'root') throw new Refusal('access.denied')
}

function shown(ctx: Context, caller: Account, row: store.ApiKeyRow): ApiKey {
  const { digest: _digest, sealed, rights, ...rest } = row
  const value = caller.id === row.account_id ? ctx.secrets.sealer.open(sealed, seats.apiKey(row.id)).toString() : null
  return { ...rest, rights: JSON.parse(rights), value }
}

/** The keys of a user, oldest first, each readable for him alone: 'access.denied'. */
export async function listApiKeys(
  ctx: Context,
  { caller, ownerId }: { caller: Account; ownerId: string },
): Promise<ApiKey[]> {
  judgeReach(caller, ownerId)
  return (await store.apiKeysOf(ctx, ownerId)).map((row) => shown(ctx, caller, row))
}

/**
 * Makes a key that acts in its owner's name. Whoever makes it gets to read it. Refuses with 'access.denied',
 * 'account.unknown', 'api-key.exists' (the name), 'api-key.limit'.
 */
export async function makeApiKey(
  ctx: Context,
  {
    caller,
    ownerId,
    wanted,
    origin,
  }: {
    caller: Account
    ownerId: string
    wanted: { name: string; description: string; expires: number; rights: readonly Right[] }
    origin: Origin
  },
): Promise<ApiKey> {
  judgeReach(caller, ownerId)
  const id = uuid(ctx.clock.chance)
  const value = ctx.clock.chance.bytes(32).toString('hex')
  const row: store.ApiKeyRow = {
    ...wanted,
    id,
    account_id: ownerId,
    digest: sha256(value),
    sealed: ctx.secrets.sealer.seal(value, seats.apiKey(id)),
    rights: JSON.stringify(wanted.rights),
    created: ctx.clock.now(),
    last_use: 0,
  }
  await atomically(ctx, async (ctx) => {
    await judgeStanding(ctx, caller)
    const owner = await holdAccount(ctx, ownerId)
    if (owner.population !== 'user') throw new Refusal('account.unknown')
    const keys = await store.apiKeysOf(ctx, ownerId)
    if (keys.some(({ name }) => name === row.name)) throw new Refusal('api-key.exists')
    if (keys.length >= apiKeyBounds.keys) throw new Refusal('api-key.limit')
    await store.insertApiKey(ctx, row)
    await record(ctx, {
      event: 'api-key.made',
      account: ownerId,
      actor: caller.id === ownerId ? null : caller.id,
      origin,
      detail: { key: id, name: row.name },
    })
    await tell(ctx, owner, 'api-key.made', { name: row.name, until: row.expires })
  })
  return { ...shown(ctx, caller, row), value }
}

// An id that is nobody's is told from one that is somebody else's: they are random, and clients have words for both.
const missing = async (ctx: Context, id: string): Promise<Refusal> =>
  new Refusal((await store.apiKeyExists(ctx, id)) ? 'api-key.foreign' : 'api-key.unknown')

/** Changes what a key is said to be for, and nothing else: 'access.denied', 'api-key.unknown', 'api-key.foreign'. */
export async function describeApiKey(
  ctx: Context,
  { caller, ownerId, id, description }: { caller: Account; ownerId: string; id: string; description?: string },
): Promise<ApiKey> {
  judgeReach(caller, ownerId)
  return atomically(ctx, async (ctx) => {
    await judgeStanding(ctx, caller)
    const row = await store.describeApiKey(ctx, { id, accountId: ownerId, description })
    if (!row) throw await missing(ctx, id)
    return shown(ctx, caller, row)
  })
}

/** Removes a key; it opens nothing from then on. 'access.denied', 'api-key.unknown', 'api-key.foreign'. */
export async function removeApiKey(
  ctx: Context,
  { caller, ownerId, id, origin }: { caller: Account; ownerId: string; id: string; origin: Origin },
): Promise<void> {
  judgeReach(caller, ownerId)
  await atomically(ctx, async (ctx) => {
    await judgeStanding(ctx, caller)
    const gone = await store.deleteApiKey(ctx, { id, accountId: ownerId })
    if (!gone) throw await missing(ctx, id)
    await record(ctx, {
      event: 'api-key.removed',
      account: ownerId,
      actor: caller.id === ownerId ? null : caller.id,
      origin,
      detail: { key: id, name: gone.name },
    })
  })
}

/** A key that opens something, with its use written down. Refuses like `findApiKey`, with one reason more. */
async function openedBy(ctx: Context, found: store.KeyAndOwner | undefined): Promise<Held> {
  if (found?.account.population !== 'user' || found.account.awaiting_confirmation) throw new Refusal('session.invalid')
  const { account, key } = found
  if (isShutOut(account)) throw new Refusal('account.suspended')
  const now = ctx.clock.now()
  if (key.expires <= now) throw new Refusal('session.expired')
  const isNoted = key.last_use + NOTED_EVERY > now
  if (!isNoted) await store.noteUse(ctx, key.id, now)
  const noted = (isNoted ? key.last_use : now) + NOTED_EVERY
  return { account, expires: key.expires, noted, rights: JSON.parse(key.rights) }
}

/**
 * The owner that a key opens for. 'session.invalid' when it is none, or its owner is gone or shut out;
 * 'session.expired' when it is too old.
 */
export async function findApiKey(ctx: Context, value: string): Promise<Held> {
  return openedBy(ctx, await store.apiKeyByDigest(ctx, sha256(value))).catch(
    saidAs('session.invalid', 'account.suspended'),
  )
}

/**
 * Whose a key is, for somebody who asks: his own, or anybody's for those who may ask that. 'account.suspended' when its
 * owner is shut out; in every other case in which it opens nothing, 'access.denied', as for who may not ask.
 */
export async function checkApiKey(ctx: Context, { caller, value }: { caller: Actor; value: string }): Promise<Held> {
  const found = await store.apiKeyByDigest(ctx, sha256(value))
  if (found && found.account.id !== caller.id && !mayCheckTokens(caller)) throw new Refusal('access.denied')
  return openedBy(ctx, found).catch(saidAs('access.denied', 'session.invalid', 'session.expired'))
}
