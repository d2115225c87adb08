import type { Context } from '#src/context.ts'
import { type Account, findByAddress } from '#src/domain/accounts/accounts.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { inOurWords } from './openpgp-reasons.ts'
import * as store from './store.ts'

/**
 * What to encrypt with to one of our people: the current certificate of the account behind an address. Null when there
 * is no such account or it has no key; 'key.unusable' when it has one that nobody may encrypt to now.
 */
export async function currentCertificate(
  ctx: Context,
  address: string,
): Promise<{ certificate: Uint8Array; fingerprint: string; account: string } | null> {
  const account = await findByAddress(ctx, address)
  const ring = account && (await store.currentRingOf(ctx, account.id))
  if (!ring) return null
  const { certificate, fingerprint } = ring
  const { rings } = await inOurWords(ctx.workers.openpgp.inspect({ bytes: certificate, now: ctx.clock.now() }))
  if (rings[0]?.info.canEncrypt !== true) throw new Refusal('key.unusable', { params: [address] })
  return { certificate, fingerprint, account: account.id }
}

/** The current certificate of a colleague in the account's tenant, whatever is wrong with it; null when he has none. */
export async function tenantCertificate(
  ctx: Context,
  { account, address }: { account: Pick<Account, 'tenant'>; address: string },
): Promise<{ certificate: Uint8Array; inline: boolean } | null> {
  const owner = await findByAddress(ctx, address)
  if (owner?.tenant !== account.tenant) return null
  const ring = await store.currentRingOf(ctx, owner.id)
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
