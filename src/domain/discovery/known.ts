import type { Context } from '#src/context.ts'
import { type Account, addressesOf, findByAddress } from '#src/domain/accounts/accounts.ts'
import { knownWith } from '#src/domain/correspondents/correspondents.ts'
import { findRing, tenantRingWith } from '#src/domain/keys/keys.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { addressesIn } from '#src/lib/openpgp/addresses.ts'
import type { FoundKey } from './found.ts'
import { type Held, judged, sourcesOf } from './judging.ts'

interface KnownById extends Held {
  source: string
  address: string | null
}

async function ofTenant(
  ctx: Context,
  { account, ids }: { account: Account; ids: readonly string[] },
): Promise<KnownById | null> {
  try {
    const { certificate, inline } = await findRing(ctx, account, ids)
    return { source: 'tenant', certificate, inline, address: (await addressesOf(ctx, account))[0]! }
  } catch (error) {
    if (!isRefusal(error, 'key.none', 'key.unknown')) throw error
  }
  const found = await tenantRingWith(ctx, { account, ids })
  return found && { ...found, source: 'tenant', address: found.email }
}

/** Nobody here is spoken for by what others say of him: a key that was uploaded by oneself is one's own word. */
async function isPassedOff(ctx: Context, account: Account, { source, address }: KnownById, key: FoundKey) {
  if (source !== 'shared' && source !== 'autocrypt') return false
  for (const one of address === null ? addressesIn(key.info) : [address]) {
    const owner = await findByAddress(ctx, one)
    if (owner && (source === 'shared' || owner.tenant === account.tenant)) return true
  }
  return false
}

/**
 * The key with an id (8 or 16 upper-case hex digits, or a fingerprint, of a primary key or a subkey) among those that
 * the account may see at home; with an address that it is used for. The first that can be used now, or the first; null
 * when there is none. The world is not asked: whoever has the id of a key there has no word for whose it is.
 */
export async function findKeyById(
  ctx: Context,
  { account, ids }: { account: Account; ids: readonly string[] },
): Promise<{ key: FoundKey; address: string | null } | null> {
  const own = await ofTenant(ctx, { account, ids })
  const others = own ? [] : await knownWith(ctx, { account, ids })
  let first: { key: FoundKey; address: string | null } | null = null
  for (const known of own ? [own] : others) {
    const { source, address, ...held } = known
    const level = sourcesOf(ctx).find(({ name }) => name === source)?.level ?? 0
    const key = await judged(ctx, { name: source, level }, held)
    if (!key || (await isPassedOff(ctx, account, known, key))) continue
    const found = { key, address: address ?? addressesIn(key.info)[0] ?? null }
    if (key.verdict === true) return found
    first ??= found
  }
  return first
}
