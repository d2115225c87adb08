import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { meansKey } from '#src/domain/keys/keys.ts'
import { keyIdsOf } from '#src/lib/openpgp/packets.ts'
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

/**
 * The keys of others that an account knows and that hold a key, primary or subkey, with one of these ids (8 or 16
 * upper-case hex digits, or a fingerprint): what it has uploaded, what colleagues share, what came by Autocrypt.
 */
export async function knownWith(
  ctx: Context,
  { account, ids }: { account: Account; ids: readonly string[] },
): Promise<KnownKey[]> {
  const isMeant = (certificate: Uint8Array) =>
    keyIdsOf(certificate).some((keyId) => ids.some((id) => meansKey(id, keyId)))
  const external = (source: 'uploaded' | 'shared', rows: readonly store.ExternalRow[]): KnownKey[] =>
    rows
      .filter(({ certificate }) => isMeant(certificate))
      .map(({ certificate, inline }) => ({
        source,
        certificate,
        inline: inline === 1,
        verified: source === 'uploaded',
        address: null,
      }))
  const peers = (await peersOf(ctx, account.id)).flatMap(({ address, certificate, verified }): KnownKey[] =>
    certificate && isMeant(certificate)
      ? [{ source: 'autocrypt', certificate, inline: false, verified: verified === 1, address }]
      : [],
  )
  return [
    ...external('uploaded', await store.uploadedBy(ctx, account.id)),
    ...external('shared', await store.sharedWith(ctx, account, SHARED_AT_MOST)),
    ...peers,
  ]
}
