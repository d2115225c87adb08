import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { MergedRing } from '#src/lib/openpgp/types.ts'
import { escrowFor } from './escrow.ts'
import { changeRing, keepParts } from './ring-change-store.ts'
import { endOf } from './rings.ts'
import { sealSecret } from './sealed.ts'
import * as store from './store.ts'

export interface Rewriting {
  account: Pick<Account, 'id'>
  /** as it was read, before the heavy work */
  ring: store.RingRow
  /** what became of it; without a secret where only the certificate learnt something */
  merged: MergedRing
  /** what the secret is sealed under; null where nobody gave the password: then only the escrow knows the new state */
  unlockKey: Uint8Array | null
}

async function secretKeyIds(ctx: Context, { account, ring, merged }: Rewriting): Promise<Set<string>> {
  if (merged.secret) return new Set(merged.info.keys.flatMap(({ keyId, hasSecret }) => (hasSecret ? [keyId] : [])))
  const parts = await store.partsOf(ctx, account.id)
  return new Set(parts.flatMap((part) => (part.ring_id === ring.id && part.has_secret ? [part.key_id] : [])))
}

/**
 * Keeps a changed ring: certificate, secret, the second copy, its keys and its end. To be called in a transaction that
 * holds the account. Refuses with 'server.busy' when the ring is no longer what was read: the client may ask again.
 */
export async function keepSecret(ctx: Context, rewriting: Rewriting): Promise<void> {
  const { account, ring, merged, unlockKey } = rewriting
  const { secret, certificate, info } = merged
  const isSealed = secret !== undefined && unlockKey !== null
  const expires = endOf(info)
  const held = await secretKeyIds(ctx, rewriting)
  const isKept = await changeRing(ctx, ring, {
    certificate,
    secret: isSealed ? sealSecret(unlockKey, ring.id, secret) : ring.secret,
    secret_behind: ring.secret && !isSealed ? 1 : 0,
    ...(isSealed ? { unlock_salt: '' } : {}),
    ...(secret ? { escrow: await escrowFor(ctx, account, ring.id, secret) } : {}),
    expires,
    // Who moves the end himself needs no mail that says where it is.
    reminded: expires === ring.expires ? ring.reminded : ctx.clock.now(),
  })
  if (!isKept) throw new Refusal('server.busy', { retryAfter: 1 })
  const parts = info.keys.map(({ keyId }) => ({ key_id: keyId, has_secret: Number(held.has(keyId)) }))
  await keepParts(ctx, ring.id, parts)
}
