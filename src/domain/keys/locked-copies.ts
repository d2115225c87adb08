import { setImmediate as nextTurn } from 'node:timers/promises'
import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { seats } from '#src/domain/seats.ts'
import { PoolBusy, PoolClosed } from '#src/lib/openpgp/refusals.ts'
import { isInTransaction } from './escrow-store.ts'
import { copiesOf, isStill, keepLocked } from './locked-store.ts'
import { inOurWords } from './openpgp-reasons.ts'
import { upToDate } from './sealed.ts'
import type { RingRow } from './store.ts'

interface Open {
  ring: Pick<RingRow, 'id' | 'certificate' | 'secret' | 'secret_behind' | 'modified'>
  /** without a lock */
  secret: Uint8Array
}

interface Wish {
  account: Pick<Account, 'id'>
  rings: readonly Open[]
  password: string
}

// Rings whose copy is being made: whoever signs in in many places at once has one made.
const atWork = new Set<string>()

/**
 * The secret once more, as every OpenPGP program locks it, under the same key password. What we seal in our own way is
 * no armor that anybody else could read: this copy goes into the backup when the support desk deletes the keys.
 */
async function copyOne(ctx: Context, { account, password }: Wish, open: Open): Promise<void> {
  const { ring } = open
  const secret = await upToDate(ctx, open)
  const armor = await inOurWords(ctx.workers.openpgp.exportLocked({ secret, password }))
  const locked = ctx.secrets.sealer.seal(armor, seats.lockedRing(ring.id))
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    // Another password meanwhile: this copy would have the old one.
    if (!ring.secret || !(await isStill(ctx, ring.id, ring.secret))) return
    await keepLocked(ctx, { ring_id: ring.id, locked, made_of: ring.modified })
  })
}

async function copyMissing(ctx: Context, wish: Wish): Promise<void> {
  const ids = wish.rings.map(({ ring }) => ring.id)
  const known = new Map((await copiesOf(ctx, ids)).map(({ ring_id, made_of }) => [ring_id, made_of]))
  for (const open of wish.rings) {
    const { id, modified } = open.ring
    if (known.get(id) === modified || atWork.has(id)) continue
    atWork.add(id)
    try {
      await copyOne(ctx, wish, open)
    } finally {
      atWork.delete(id)
    }
  }
}

// What is being made for an account, by its id.
const underWay = new Map<string, Promise<unknown>>()

function remember(accountId: string, work: Promise<unknown>): void {
  const all = Promise.all([underWay.get(accountId), work])
  underWay.set(accountId, all)
  void all.then(() => underWay.get(accountId) === all && underWay.delete(accountId))
}

/**
 * Waits until the copies are made that are being made for an account here: who deletes a key right after it was made would
 * else have a backup that lacks one. Not inside a transaction: they need one.
 */
export const lockedCopiesMade = async ({ id }: Pick<Account, 'id'>): Promise<void> => {
  await underWay.get(id)
}

/**
 * Makes the locked copies that are missing, or older than their rings, in the background: nobody waits for it. What
 * fails is made at the next unlocking with the password. Nothing happens inside a transaction, whose rings may never
 * come to be.
 */
export function keepLockedLater(ctx: Context, wish: Wish): void {
  if (wish.rings.length === 0 || isInTransaction(ctx)) return
  const work = nextTurn()
    .then(() => copyMissing(ctx, wish))
    .catch((error) => {
      if (error instanceof PoolBusy || error instanceof PoolClosed) return
      ctx.log.warn('key.copy-failed', { account: wish.account.id, error })
    })
  remember(wish.account.id, work)
}
