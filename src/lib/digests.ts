import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** SHA-256 as lower-case hex: how a random token of 128 bits or more is kept. */
export const sha256 = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex')

/** SHA-1 as upper-case hex: only to look passwords up where they are listed so. */
export const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex').toUpperCase()

/** HMAC-SHA-256 as lower-case hex. */
export const hmac = (key: string | Uint8Array, text: string): string =>
  createHmac('sha256', key).update(text).digest('hex')

/** Compares without telling by its time where two texts differ. Lengths may show. */
export function isSame(a: string, b: string): boolean {
  const left = Buffer.from(a)
  const right = Buffer.from(b)
  return left.length === right.length && timingSafeEqual(left, right)
}
