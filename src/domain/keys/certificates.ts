import type { Context } from '#src/context.ts'
import { type Account, findByAddress } from '#src/domain/accounts/accounts.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { described } from './described.ts'
import { certificatesOfGuest } from './guest-store.ts'
import * as store from './store.ts'

/**
 * What to encrypt with to one of our people: the current certificate of the account behind an address. Null when there
 * is no such account, it has no key, or one that nobody may encrypt to now.
 */
export async function currentCertificate(
  ctx: Context,
  address: string,
): Promise<{ certificate: Uint8Array; fingerprint: string; account: string } | null> {
  const account = await findByAddress(ctx, address)
  const ring = account && (await store.currentCertificateOf(ctx, account.id))
  if (!ring) return null
  const { certificate, fingerprint } = ring
  const isUsable = await canBeEncryptedTo(ctx, certificate)
  return isUsable ? { certificate, fingerprint, account: account.id } : null
}

async function canBeEncryptedTo(ctx: Context, bytes: Uint8Array): Promise<boolean> {
  try {
    return (await described(ctx, bytes)).canEncrypt === true
  } catch (error) {
    if (isRefusal(error, 'key.unusable')) return false
    throw error
  }
}

/** The current certificate of a colleague in the account's tenant, whatever is wrong with it; null when he has none. */
export async function tenantCertificate(
  ctx: Context,
  { account, address }: { account: Pick<Account, 'tenant'>; address: string },
): Promise<{ certificate: Uint8Array; inline: boolean } | null> {
  const owner = await findByAddress(ctx, address)
  if (owner?.tenant !== account.tenant) return null
  const ring = await store.currentCertificateOf(ctx, owner.id)
  return ring ? { certificate: ring.certificate, inline: ring.inline === 1 } : null
}

/** Every certificate of the accounts behind these addresses, old ones too: what their signatures are judged by. */
export async function verificationCertificates(ctx: Context, addresses: readonly string[]): Promise<Uint8Array[]> {
  const ids = new Set<string>()
  for (const address of new Set(addresses)) {
    const account = await findByAddress(ctx, address)
    if (account) ids.add(account.id)
  }
  return (await store.certificatesOf(ctx, [...ids])).map(({ certificate }) => certificate)
}

/**
 * Every certificate of the guest at an address that is no account's; empty for none. The house has made them for whoever
 * reads mail there, and nobody else has them open.
 */
export const guestCertificates = (ctx: Context, address: string): Promise<Uint8Array[]> =>
  certificatesOfGuest(ctx, address)
