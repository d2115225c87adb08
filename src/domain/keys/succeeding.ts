import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { inOurWords } from './openpgp-reasons.ts'
import { markCurrent } from './ring-change-store.ts'
import * as store from './store.ts'

async function isUsable(ctx: Context, { certificate: bytes }: store.ListedRing): Promise<boolean> {
  const { rings } = await inOurWords(ctx.workers.openpgp.inspect({ bytes, now: ctx.clock.now() }))
  return rings[0]?.info.canEncrypt === true
}

/**
 * The ring that is to be current when `ringId` cannot be: the newest that can be used, and one that can be read with
 * before any other. Null for none. Slow: before any transaction.
 */
export async function successorOf(ctx: Context, account: Account, ringId: string): Promise<string | null> {
  const others = (await store.listedRingsOf(ctx, account.id))
    .filter(({ id }) => id !== ringId)
    .toSorted((a, b) => Number(b.secret !== null) - Number(a.secret !== null) || b.created - a.created)
  for (const ring of others) if (await isUsable(ctx, ring)) return ring.id
  return null
}

/** Puts it in that place, if it is still free or held by `ringId`. In the transaction that makes the place free. */
export async function succeed(
  ctx: Context,
  { account, ringId, successor }: { account: Account; ringId: string; successor: string | null },
): Promise<void> {
  const rings = await store.outlinesOf(ctx, account.id)
  const current = rings.find(({ is_current }) => is_current === 1)
  const isFree = current === undefined || current.id === ringId
  if (isFree && rings.some(({ id }) => id === successor)) await markCurrent(ctx, account.id, successor!)
}
