import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { keyIdOf } from '#src/lib/fingerprint.ts'
import { tenantRingsWith } from './by-id-store.ts'
import { placeIn } from './rings.ts'

/** The certificate of a ring of the account's tenant that holds a key with one of `ids`; its own come first. */
export async function tenantRingWith(
  ctx: Context,
  { account, ids }: { account: Account; ids: readonly string[] },
): Promise<{ certificate: Uint8Array; inline: boolean; email: string } | null> {
  // Eight digits are those of many keys, and no index finds them: they are looked for among the account's own alone.
  const whole = ids.filter((id) => id.length >= 16)
  const keyIds = whole.map(keyIdOf)
  const rows = await tenantRingsWith(ctx, account, keyIds)
  const found = rows.find(({ certificate }) => placeIn(certificate, whole) !== null)
  return found ? { certificate: found.certificate, inline: found.inline === 1, email: found.email } : null
}
