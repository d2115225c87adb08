import type { Context } from '#src/context.ts'
import {
  type LastingRevocation,
  lastingRevocationsAt,
  lastingRevocationsNamed,
  lastingRevocationsOf,
} from '#src/domain/keys/keys.ts'
import { keyIdOf } from '#src/lib/fingerprint.ts'
import { addressesIn } from '#src/lib/openpgp/addresses.ts'
import * as store from './store.ts'
import { isRevoked, type Shown, stripped } from './stripping.ts'
import { submissionAddressNamed, submissionCertificate } from './submission-key.ts'

// Key ids can be made alike, and whoever asks by one gets all of them.
const ALIKE_AT_MOST = 10
// At one address: the key to encrypt with, and the newest of those that were revoked.
const SHOWN_AT_MOST = 10

/** Together with the revocations that stay: no key that the world has seen revoked comes back without that. */
async function joined(ctx: Context, found: readonly Shown[], left: readonly LastingRevocation[]): Promise<Shown[]> {
  const gone = new Set(left.map(({ fingerprint }) => fingerprint))
  const all = found.filter((shown) => isRevoked(shown) || !gone.has(shown.info.fingerprint))
  for (const { fingerprint, certificate } of left) {
    if (all.some(({ info }) => info.fingerprint === fingerprint)) continue
    if (all.length >= SHOWN_AT_MOST) break
    const shown = await stripped(ctx, certificate, null)
    if (shown) all.push(shown)
  }
  return all.slice(0, SHOWN_AT_MOST)
}

/** The key to encrypt with, and after it those that were revoked since it was made, or took the address back. */
async function ofOwner(ctx: Context, address: string, left: readonly LastingRevocation[]): Promise<Shown[]> {
  const revoked: Shown[] = []
  for (const { certificate, fingerprint, published } of await store.ringsAt(ctx, address, SHOWN_AT_MOST)) {
    const shown = await stripped(ctx, certificate, [address])
    if (!shown || left.some((one) => one.fingerprint === fingerprint)) continue
    if (!isRevoked(shown) && addressesIn(shown.info).length > 0) {
      // Who takes his key out of the world does not want the one before it to come up.
      return published ? [shown, ...revoked] : revoked
    }
    if (published) revoked.push(shown)
  }
  return revoked
}

/**
 * What the world may see at an address: the owner's current key if it bears the address, else the newest that does, and
 * after it the newest that were published there and revoked, ten in all. Of each only the user id of this address. Nothing for accounts
 * that were not confirmed or are shut out, but for revocations: those stay.
 */
export async function keysAt(ctx: Context, address: string): Promise<Shown[]> {
  if (!ctx.config.publishKeys) return []
  const left = await lastingRevocationsAt(ctx, address)
  const own = await submissionCertificate(ctx, address)
  return joined(ctx, own ? [own] : await ofOwner(ctx, address, left), left)
}

/** The same by the name in the Web Key Directory (`wkdName`) of an address in a domain, lower case. */
export async function keysNamed(ctx: Context, wkd: string, domain: string): Promise<Shown[]> {
  const address = await addressNamed(ctx, wkd, domain)
  return address === undefined ? [] : keysAt(ctx, address)
}

async function addressNamed(ctx: Context, wkd: string, domain: string): Promise<string | undefined> {
  const known = await store.addressNamed(ctx, wkd, domain)
  if (known !== undefined) return known
  const [left] = await lastingRevocationsNamed(ctx, wkd, domain)
  return left?.address ?? submissionAddressNamed(ctx, wkd, domain)
}

/**
 * The published keys with an id (16 upper-case hex digits) or a fingerprint (40 or 64), primary or subkey, old ones
 * too, with the user ids of every confirmed address of their owner.
 */
export async function keysWith(ctx: Context, id: string): Promise<Shown[]> {
  if (!ctx.config.publishKeys) return []
  const keyId = keyIdOf(id)
  const isMeant = ({ info }: Shown) => info.keys.some((key) => (id.length === 16 ? key.keyId : key.fingerprint) === id)
  const found: (Shown | null)[] = []
  for (const { account_id, certificate } of await store.ringsWith(ctx, keyId, ALIKE_AT_MOST))
    found.push(await stripped(ctx, certificate, await store.addressesOf(ctx, account_id)))
  const own = await submissionCertificate(ctx)
  const all = await joined(
    ctx,
    [...found, own].filter((one) => one !== null),
    await lastingRevocationsOf(ctx, keyId),
  )
  return all.filter(isMeant)
}
