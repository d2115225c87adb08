import type { Context } from '#src/context.ts'
import { type Account, findByAddress } from '#src/domain/accounts/accounts.ts'
import { canonicalAddress } from '#src/lib/autocrypt/header.ts'
import { asciiAddress } from '#src/lib/mail-address.ts'
import * as peers from './autocrypt-store.ts'
import { bearsAddress, isUsable, seenNow } from './seeing.ts'
import * as store from './store.ts'

/** A key for a correspondent, from what one account knows of him. */
export interface CorrespondentKey {
  certificate: Uint8Array
  fingerprint: string
  /** mails to him are to be PGP/Inline */
  inline: boolean
  /** the owner of the account has said that the key is right, or brought it himself */
  verified: boolean
}

export interface Sought {
  account: Account
  address: string
}

// So many keys for one address are looked at; each costs a look by the engine.
const LOOKED_AT = 8

/** The newest that can be used now; where none can be, the newest, so that it can be said what is wrong with it. */
async function best(ctx: Context, rows: readonly store.ExternalRow[]): Promise<store.ExternalRow | undefined> {
  if (rows.length < 2) return rows[0]
  for (const row of rows.slice(0, LOOKED_AT)) if (await isUsable(ctx, row.certificate)) return row
  return rows[0]
}

const spoken = ({ certificate, fingerprint, inline }: store.ExternalRow, verified: boolean): CorrespondentKey => ({
  certificate,
  fingerprint,
  inline: inline === 1,
  verified,
})

/** The key that the account itself has uploaded for an address. It may have expired: the caller judges it. */
export async function uploadedFor(ctx: Context, { account, address }: Sought): Promise<CorrespondentKey | null> {
  const found = await best(ctx, await store.uploadedWith(ctx, account.id, asciiAddress(address)))
  return found ? spoken(found, true) : null
}

/**
 * The key that a colleague of the tenant has uploaded for an address and shares. It may have expired. Whoever has an
 * account here, in whichever tenant, is not spoken for by what others upload.
 */
export async function sharedFor(ctx: Context, { account, address }: Sought): Promise<CorrespondentKey | null> {
  if (await findByAddress(ctx, address)) return null
  const asked = { account, address: asciiAddress(address), most: LOOKED_AT }
  const found = await best(ctx, await store.sharedWithFor(ctx, asked))
  return found ? spoken(found, false) : null
}

/**
 * The key that Autocrypt 1.1 would take for an address: what he sent himself, or else what others passed on of him.
 * One that cannot be used now does not count. `doubtful`: nobody says that it is for the address but the mails that it
 * came with; a key may have a user id that is mere decoration.
 */
export async function autocryptFor(
  ctx: Context,
  { account, address }: Sought,
): Promise<(CorrespondentKey & { gossip: boolean; doubtful: boolean }) | null> {
  const canonical = canonicalAddress(address) ?? ''
  const peer = await peers.peerOf(ctx, account.id, canonical)
  if (!peer) return null
  const { certificate, fingerprint, gossip } = peer
  const verified = peer.verified === 1
  const info = certificate && (await seenNow(ctx, certificate))
  if (certificate && info?.canEncrypt === true) {
    const doubtful = !verified && !bearsAddress(info, canonical)
    return { certificate, fingerprint, inline: false, verified, gossip: false, doubtful }
  }
  if (gossip && (await isUsable(ctx, gossip)))
    return {
      certificate: gossip,
      fingerprint: peer.gossip_fingerprint,
      inline: false,
      verified: false,
      gossip: true,
      doubtful: true,
    }
  return null
}

/** A key that speaks for an address, and by what it came here. */
export interface TrustedKey {
  certificate: Uint8Array
  source: 'uploaded' | 'autocrypt'
}

/**
 * What signatures of an address may be judged by, for one reader: the keys that he uploaded for it, and what came by
 * Autocrypt when he said that it is right. Nothing else of what is known of correspondents speaks for anybody.
 */
export async function trustedCertificates(ctx: Context, { account, address }: Sought): Promise<TrustedKey[]> {
  const wanted = asciiAddress(address)
  const uploaded = await store.uploadedWith(ctx, account.id, wanted)
  const peer = await peers.peerOf(ctx, account.id, canonicalAddress(address) ?? '')
  const keys: TrustedKey[] = uploaded
    .slice(0, LOOKED_AT)
    .map(({ certificate }) => ({ certificate, source: 'uploaded' }))
  if (peer?.certificate && peer.verified === 1) keys.push({ certificate: peer.certificate, source: 'autocrypt' })
  return keys
}
