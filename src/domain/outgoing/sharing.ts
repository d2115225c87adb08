import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { type FoundKey, findKeys, isLookedFor, wouldGet } from '#src/domain/discovery/discovery.ts'
import { asciiAddress } from '#src/lib/mail-address.ts'
import { isEncryptedAlready } from '#src/lib/mime/already-encrypted.ts'
import type { Unsealed } from './wishes.ts'

/** How one recipient is to get a mail, by what is known of his keys. Nobody has become a guest or got a key by it. */
export type Share = {
  /** as it was given */
  address: string
  /** as addresses are compared */
  plain: string
} & (
  | { how: 'encrypted'; key: FoundKey }
  | { how: 'guest' }
  // one of our people, who is to be given a key of his own
  | { how: 'new-key' }
  // its writer has encrypted it by himself
  | { how: 'unchanged' }
  | { how: 'clear'; reason: string }
  | { how: 'refused'; reason: string }
)

/** There is not even a key that could be said to be bad. */
export const NO_KEY = 'no-key'

/** The same of one of our people, who is given none: he has to make one himself. */
export const NO_OWN_KEY = 'no-own-key'

/** Why a key cannot be used, in one word. */
export const faultOf = (key: FoundKey | null): string => (key ? String(key.verdict) : NO_KEY)

/**
 * How somebody without any key can get an encrypted mail from this account all the same; or why he cannot. Colleagues
 * become no guests, they have an account of their own; nor does who has a key that has ended, since his mail is not ours
 * to read.
 */
export async function wayWithoutKey(
  ctx: Context,
  account: Account,
  address: string,
): Promise<'guest' | 'new-key' | typeof NO_KEY | typeof NO_OWN_KEY> {
  const would = await wouldGet(ctx, account, address)
  if (would === 'own-key') return 'new-key'
  if (would === 'nothing') return NO_OWN_KEY
  return ctx.config.guests && isLookedFor(address) ? 'guest' : NO_KEY
}

async function withoutKey(
  ctx: Context,
  { account, wish }: Unsealed,
  one: { address: string; plain: string },
): Promise<Share> {
  const way = await wayWithoutKey(ctx, account, one.plain)
  if (way === 'guest') return wish.guests ? { ...one, how: way } : { ...one, how: 'refused', reason: NO_KEY }
  if (way === 'new-key') return wish.newKeys ? { ...one, how: way } : { ...one, how: 'refused', reason: NO_OWN_KEY }
  return { ...one, how: 'refused', reason: way }
}

/** Each address once, in the form that it came in first. */
export function eachOnce(addresses: readonly string[]): { address: string; plain: string }[] {
  const first = new Map<string, string>()
  for (const address of addresses) if (!first.has(asciiAddress(address))) first.set(asciiAddress(address), address)
  return [...first].map(([plain, address]) => ({ address, plain }))
}

/** How each recipient is to get a mail. Refuses 'rate.exceeded' and 'server.busy' like `findKeys`. */
export async function sharesOf(ctx: Context, outgoing: Unsealed): Promise<Share[]> {
  const { account, message, recipients, wish } = outgoing
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
    else shares.push(key ? { ...one, how: 'refused', reason } : await withoutKey(ctx, outgoing, one))
  }
  return shares
}
