import type { Context } from '#src/context.ts'
import { type Account, confirmedAddressesOf } from '#src/domain/accounts/accounts.ts'
import { wkdName } from '#src/lib/wkd.ts'
import { type LastingRow, lastingAt, lastingNamed, lastingOf, keepLasting as write } from './lasting-store.ts'
import { inOurWords } from './openpgp-reasons.ts'
import type { RingRow } from './store.ts'

/** What stays of a revoked key: its certificate as the world may see it at one address, when all else is gone. */
export interface LastingRevocation {
  fingerprint: string
  address: string
  certificate: Uint8Array
  created: number
}

const shown = ({ fingerprint, address, certificate, created }: LastingRow): LastingRevocation => ({
  fingerprint,
  address,
  certificate,
  created,
})

/** The revocations that stay at an address, the newest first. */
export const lastingRevocationsAt = async (ctx: Context, address: string): Promise<LastingRevocation[]> =>
  (await lastingAt(ctx, address)).map(shown)

/** Those at the address that has this name in the Web Key Directory of a domain. */
export const lastingRevocationsNamed = async (
  ctx: Context,
  wkd: string,
  domain: string,
): Promise<LastingRevocation[]> => (await lastingNamed(ctx, wkd, domain)).map(shown)

/** Those of keys with an id (16 upper-case hex digits) or a fingerprint: one for each of their addresses. */
export const lastingRevocationsOf = async (ctx: Context, id: string): Promise<LastingRevocation[]> =>
  (await lastingOf(ctx, id)).map(shown)

type Revoked = Pick<RingRow, 'fingerprint' | 'key_id' | 'certificate' | 'published'>

/**
 * What the world shall see of a revoked key from now on: a row for each address that it was published for. None for a
 * key that was kept back. Slow: before any transaction.
 */
export async function lastingFor(
  ctx: Context,
  account: Account,
  { fingerprint, key_id, certificate, published }: Revoked,
): Promise<LastingRow[]> {
  if (!published || !ctx.config.publishKeys) return []
  const now = ctx.clock.now()
  const rows: LastingRow[] = []
  for (const address of await confirmedAddressesOf(ctx, account)) {
    const addresses = [address]
    const seen = await inOurWords(ctx.workers.openpgp.publishable({ certificate, addresses, now }))
    if (seen) rows.push({ fingerprint, address, wkd: wkdName(address), key_id, certificate: seen, created: now })
  }
  return rows
}

/** Keeps them, in the transaction that revokes or deletes. */
export const keepLasting = (ctx: Context, rows: readonly LastingRow[]): Promise<void> => write(ctx, rows)
