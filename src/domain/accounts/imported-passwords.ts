import type { Context } from '#src/context.ts'
import { sha256 } from '#src/lib/digests.ts'

/**
 * Passwords that came along as a fast SHA-256, as the OpenWiFi security service keeps them. Such a hash lies here only
 * inside an argon2id hash: `sha256:<salt>:<e-mail>:<argon2id of the hex>`, salt and e-mail in base64url. Once its owner
 * signs in, argon2id over the password itself takes its place.
 */
const MARK = 'sha256'

/** A SHA-256 over salt, password and e-mail; the oldest ones have no salt. */
export interface FastHash {
  salt: string
  email: string
  /** lower-case hex */
  hex: string
}

const written = (text: string): string => Buffer.from(text).toString('base64url')
const read = (text: string): string => Buffer.from(text, 'base64url').toString()

/** The form in which a fast hash may be kept. */
export const wrapped = async (ctx: Context, { salt, email, hex }: FastHash): Promise<string> =>
  [MARK, written(salt), written(email), await ctx.workers.passwords.hash(hex)].join(':')

const isWrapped = (stored: string): boolean => stored.startsWith(`${MARK}:`)

/** Does a password fit what is stored, of whatever form? Costs the same for each form, and for `null`. */
export function fits(ctx: Context, stored: string | null, password: string): Promise<boolean> {
  if (stored === null || !isWrapped(stored)) return ctx.workers.passwords.verify(stored, password)
  const [, salt = '', email = '', slow = ''] = stored.split(':')
  return ctx.workers.passwords.verify(slow, sha256(read(salt) + password + read(email)))
}

/** What is to be kept from now on, when `stored` is only wrapped and `password` was right; null to leave it. */
export const renewed = async (ctx: Context, stored: string | null, password: string): Promise<string | null> =>
  // Too busy to hash it anew: then the next time.
  stored !== null && isWrapped(stored) ? ctx.workers.passwords.hash(password).catch(() => null) : null
