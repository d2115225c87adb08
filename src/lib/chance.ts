import { randomBytes, randomInt } from 'node:crypto'

/** Unpredictable values. Everything here draws from the operating system's generator. */
export interface Chance {
  bytes(length: number): Buffer
  /** An integer from 0 up to, not including, `bound`. */
  below(bound: number): number
}

// Most draws are small; asking the operating system for each would cost more than all else about them.
const POOL = 8192
const POOLED_AT_MOST = 64
let pool = Buffer.alloc(0)

function bytes(length: number): Buffer {
  if (length > POOLED_AT_MOST) return randomBytes(length)
  if (pool.length < length) pool = randomBytes(POOL)
  const drawn = Buffer.from(pool.subarray(0, length))
  // Nothing is given out twice, and what was given out does not lie about.
  pool.fill(0, 0, length)
  pool = pool.subarray(length)
  return drawn
}

export const systemChance: Chance = { bytes, below: (bound) => randomInt(bound) }

/** An RFC 9562 version 4 UUID, lower case. */
export function uuid(chance: Chance): string {
  const bytes = chance.bytes(16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}

/** An opaque identifier of 128 random bits, base64url without padding. */
export const opaqueId = (chance: Chance): string => chance.bytes(16).toString('base64url')

const IDS_AT_ONCE = 512

/** Makes ids like `opaqueId`, for whoever needs one with each of ten thousand answers a second. */
export function opaqueIds(chance: Chance): () => string {
  const length = 22
  let drawn = ''
  let at = 0
  return () => {
    if (at + length > drawn.length) {
      drawn = chance.bytes(IDS_AT_ONCE * 16.5).toString('base64url')
      at = 0
    }
    at += length
    return drawn.slice(at - length, at)
  }
}

/** `count` decimal digits, zero padded. */
export const digits = (chance: Chance, count: number): string => String(chance.below(10 ** count)).padStart(count, '0')

const crockford = '0123456789abcdefghjkmnpqrstvwxyz'

/** `length` characters of Crockford's base32: five random bits each, nothing that looks like something else. */
export function base32(chance: Chance, length: number): string {
  return Array.from(chance.bytes(length), (byte) => crockford[byte & 31]).join('')
}

/** What a person typed for such a text: any case, with or without dashes, with the letters that are read as digits. */
export const typedBase32 = (text: string): string =>
  text.toLowerCase().replace(/[\s-]/g, '').replace(/o/g, '0').replace(/[il]/g, '1')
