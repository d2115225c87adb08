import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { meansKey } from '#src/domain/keys/keys.ts'
import { fingerprintsOf } from '#src/lib/openpgp/packets.ts'
import { peersOf } from './autocrypt-store.ts'
import * as store from './store.ts'

/** A key that was found by one of its ids. */
export interface KnownKey {
  source: 'uploaded' | 'shared' | 'autocrypt'
  certificate: Uint8Array
  inline: boolean
  verified: boolean
  /** the address it came with; null for one of several that it bears */
  address: string | null
}

const SHARED_AT_MOST = 500
const BETWEEN_PAUSES = 50

/** Those that hold a key with one of these ids. There may be thousands: others are served in between. */
async function holding<Row extends { certificate: Uint8Array }>(
  rows: readonly Row[],
  ids: readonly string[],
): Promise<Row[]> {
  const found: Row[] = []
  for (const [at, row] of rows.entries()) {
    if (at % BETWEEN_PAUSES === BETWEEN_PAUSES - 1) await nextTurn()
    if (fingerprintsOf(row.certificate).some((print) => ids.some((id) => meansKey(id, print)))) found.push(row)
  }
  return found
}

const external = (source: 'uploaded' | 'shared', { certificate, inline }: store.ExternalRow): KnownKey => ({
  source,
  certificate,
  inline: inline === 1,
  verified: source === 'uploaded',
  address: null,
})

/**
 * The keys of others that an account knows and that hold a key, primary or subkey, with one of these ids (8 or 16
 * upper-case hex digits, or a fingerprint): what it has uploaded, what colleagues share, what came by Autocrypt.
 */
export async function knownWith(
  ctx: Context,
  { account, ids }: { account: Account; ids: readonly string[] },
): Promise<KnownKey[]> {
  const uploaded = await holding(await store.uploadedBy(ctx, account.id), ids)
  const shared = await holding(await store.sharedWith(ctx, account, SHARED_AT_MOST), ids)
  const own = (await peersOf(ctx, account.id)).flatMap(({ certificate, ...row }) =>
    certificate ? [{ certificate, ...row }] : [],
  )
  const peers = (await holding(own, ids)).map(
    ({ address, certificate, verified }): KnownKey => ({
      source: 'autocrypt',
      certificate,
      inline: false,
      verified: verified === 1,
      address,
    }),
  )
  return [
    ...uploaded.map((row) => external('uploaded', row)),
    ...shared.map((row) => external('shared', row)),
    ...peers,
  ]
}
