import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { decryptBytes, derivedKey, encryptBytes } from '#src/lib/sealing.ts'
import { addEscrow, isInTransaction, markOf, sweepEscrows } from './escrow-store.ts'
import { profileOf } from './profile-store.ts'
import { type OpenRing, upToDate } from './sealed.ts'
import { ownSecret } from './server-secrets.ts'
import type { RingOutline, RingRow } from './store.ts'

/**
 * The second copy of a secret key, for owners who forget its password: sealed under the server's recovery key, which is
 * sealed under the key file and the same on every node. It always holds what the first copy holds, and it goes when its
 * owner or the operator wants none.
 */
const NAME = 'key recovery'
const keys = new WeakMap<Context['database'], Buffer>()

async function recoveryKey(ctx: Context): Promise<Buffer> {
  const known = keys.get(ctx.database)
  if (known) return known
  const key = await ownSecret(ctx, NAME, () => ctx.clock.chance.bytes(32))
  // One that was made in a transaction may be gone again with it.
  if (!isInTransaction(ctx)) keys.set(ctx.database, key)
  return key
}

const placeOf = (ringId: string): string => `escrow of key ring ${ringId}`

const keyOfRing = async (ctx: Context, ringId: string): Promise<Buffer> =>
  derivedKey(await recoveryKey(ctx), placeOf(ringId))

/**
 * What to keep in `key_ring.escrow` for a secret that is about to be sealed; null when the operator wants no second copy,
 * or the owner none of this ring. To be called in the transaction that writes the secret, the account being held: it
 * costs no time, and nobody switches recovery off in between.
 */
export async function escrowFor(
  ctx: Context,
  account: Pick<Account, 'id'>,
  ringId: string,
  secret: Uint8Array,
): Promise<Uint8Array | null> {
  if (ctx.config.noRecovery) return null
  if (await isUnwanted(ctx, account, ringId)) return null
  return encryptBytes(await keyOfRing(ctx, ringId), secret, placeOf(ringId))
}

/**
 * Does the owner want no second copy of this ring? Of one with a secret, whoever showed its password has decided; what was
 * decided for the account counts for secrets that are new, since it takes the password of any ring, also of a thief's.
 */
export async function isUnwanted(ctx: Context, account: Pick<Account, 'id'>, ringId: string): Promise<boolean> {
  const decided = (await markOf(ctx, ringId)) ?? (await profileOf(ctx, account.id)).no_recovery
  return decided === 1
}

/** Can the server open this ring without its password? */
export const isRecoverable = (ctx: Context, { secret, escrow }: Pick<RingOutline, 'secret' | 'escrow'>): boolean =>
  secret !== null && escrow !== null && !ctx.config.noRecovery

/** The secret of a ring without its password, up to date with its certificate. Refuses with 'key.recovery-off'. */
export async function openEscrow(ctx: Context, ring: RingRow): Promise<Uint8Array> {
  if (!ring.escrow || !isRecoverable(ctx, ring) || ring.no_recovery) throw new Refusal('key.recovery-off')
  const secret = decryptBytes(await keyOfRing(ctx, ring.id), ring.escrow, placeOf(ring.id))
  return upToDate(ctx, { ring, secret })
}

/**
 * Makes the second copies that are missing among rings which their password has just opened: the rings are older than
 * recovery is here, or it was off for a time. Nothing happens where the operator wants none, or the owner none of a ring.
 */
export async function makeUpEscrows(
  ctx: Context,
  { account, rings, origin }: { account: Account; rings: readonly OpenRing[]; origin: Origin },
): Promise<void> {
  const missing = rings.filter(({ ring }) => ring.escrow === null && !ring.no_recovery)
  if (missing.length === 0 || ctx.config.noRecovery) return
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    for (const { ring, secret } of missing) {
      const escrow = await escrowFor(ctx, account, ring.id, secret)
      if (!escrow || !(await addEscrow(ctx, { ringId: ring.id, secret: ring.secret, escrow }))) continue
      await record(ctx, { event: 'key.recovery-made', account: account.id, origin, detail: { key: ring.key_id } })
    }
  })
}

/** Where the operator wants no recovery, no second copy stays behind. Small batches: returns how many went. */
export const sweepUnwantedEscrows = async (ctx: Context): Promise<number> =>
  ctx.config.noRecovery ? sweepEscrows(ctx) : 0
