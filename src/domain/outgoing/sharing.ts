import type { Context } from '#src/context.ts'
import { type Account, findByAddress } from '#src/domain/accounts/accounts.ts'
import { type FoundKey, findKeys, isLookedFor } from '#src/domain/discovery/discovery.ts'
import { asciiAddress } from '#src/lib/mail-address.ts'
import { isEncryptedAlready } from '#src/lib/mime/already-encrypted.ts'
import type { Unsealed } from './wishes.ts'

/** How one recipient is to get a mail, by what is known of his keys. Nobody has become a guest by it. */
export type Share = {
  /** as it was given */
  address: string
  /** as addresses are compared */
  plain: string
} & (
  | { how: 'encrypted'; key: FoundKey }
  | { how: 'guest' }
  // its writer has encrypted it by himself
  | { how: 'unchanged' }
  | { how: 'clear'; reason: string }
  | { how: 'refused'; reason: string }
)

/** There is not even a key that could be said to be bad. */
export const NO_KEY = 'no-key'

/** Why a key cannot be used, in one word. */
export const faultOf = (key: FoundKey | null): string => (key ? String(key.verdict) : NO_KEY)

/**
 * May somebody without any key become a guest of this account? Colleagues may not, they have an account of their own;
 * nor who has a key that has ended, since his mail is not ours to read.
 */
export async function mayBeGuest(ctx: Context, account: Account, address: string): Promise<boolean> {
  if (!ctx.config.guests || !isLookedFor(address)) return false
  return (await findByAddress(ctx, address))?.tenant !== account.tenant
}

/** Each address once, in the form that it came in first. */
export function eachOnce(addresses: readonly string[]): { address: string; plain: string }[] {
  const first = new Map<string, string>()
  for (const address of addresses) if (!first.has(asciiAddress(address))) first.set(asciiAddress(address), address)
  return [...first].map(([plain, address]) => ({ address, plain }))
}

/** How each recipient is to get a mail. Refuses 'rate.exceeded' and 'server.busy' like `findKeys`. */
export async function sharesOf(ctx: Context, { account, message, recipients, wish }: Unsealed): Promise<Share[]> {
  const all = eachOnce(recipients)
  if (isEncryptedAlready(message)) return all.map((one) => ({ ...one, how: 'unchanged' }))
  const wanted = all.map((one) => ({ ...one, encrypt: wish.encrypt(one.plain) }))
  const asked = wanted.filter(({ encrypt }) => encrypt !== 'off').map(({ plain }) => plain)
  const found = await findKeys(ctx, { account, addresses: asked })
  const shares: Share[] = []
  for (const { encrypt, ...one } of wanted) {
    const key = found.get(one.plain) ?? null
    const reason = faultOf(key)
    if (encrypt === 'off') shares.push({ ...one, how: 'clear', reason: 'off' })
    else if (key?.verdict === true) shares.push({ ...one, how: 'encrypted', key })
    else if (encrypt === 'known') shares.push({ ...one, how: 'clear', reason })
    else if (!key && wish.guests && (await mayBeGuest(ctx, account, one.plain))) shares.push({ ...one, how: 'guest' })
    else shares.push({ ...one, how: 'refused', reason })
  }
  return shares
}
