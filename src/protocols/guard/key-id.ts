import { Refusal } from '#src/domain/refusals.ts'

// The type checker's library does not know this method of V8 yet.
const { rawJSON } = JSON as unknown as { rawJSON(text: string): unknown }

/** A key id as a signed 64-bit integer, in decimal. */
export const signedId = (keyId: string): string => BigInt.asIntN(64, BigInt(`0x${keyId}`)).toString()

/**
 * A key id as the protocol writes it: a signed 64-bit integer, and in JSON a bare number with all its digits, which no
 * JavaScript number holds.
 */
export const wireId = (keyId: string): unknown => rawJSON(signedId(keyId))

const hex = (value: bigint): string => BigInt.asUintN(64, value).toString(16).toUpperCase().padStart(16, '0')

/**
 * The ids that a `keyid` may mean: signed decimal, unsigned decimal, or 8, 16, 40 or (v6) 64 hex digits. Some texts can be read
 * in two ways; the caller's own keys decide then.
 */
export function readKeyIds(text: string | null | undefined, name = 'keyid'): string[] | null {
  if (text === undefined || text === null || text === '') return null
  const digits = text.trim().replace(/^0x/i, '')
  const ids: string[] = []
  if (/^-?\d{1,20}$/.test(text.trim())) {
    const value = BigInt(text.trim())
    if (value >= -(2n ** 63n) && value < 2n ** 64n) ids.push(hex(value))
  }
  if (/^([0-9a-f]{8}|[0-9a-f]{16}|[0-9a-f]{40}|[0-9a-f]{64})$/i.test(digits)) ids.push(digits.toUpperCase())
  if (ids.length === 0) throw new Refusal('input.invalid', { params: [name, text.slice(0, 60)] })
  return ids
}

/** The same where an action cannot do without: 'input.invalid', which says here that it is missing. */
export function neededKeyIds(text: string | null | undefined, name = 'keyid'): string[] {
  const ids = readKeyIds(text, name)
  if (!ids) throw new Refusal('input.invalid', { params: [name] })
  return ids
}
