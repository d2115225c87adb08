import { asciiAddress } from '../mail-address.ts'

/** What a header Autocrypt or Autocrypt-Gossip says (Autocrypt 1.1, section 2.1). */
export interface AutocryptHeader {
  /** lower case, its domain in ASCII */
  address: string
  prefersEncryption: boolean
  /** a binary certificate, or what claims to be one */
  keydata: Uint8Array
}

/** More than any key of a person needs; the specification sends 10 KiB at most. */
const READ_AT_MOST = 65_536
/** Section 2.1: of the whole field, its name and its folding too. */
const WRITTEN_AT_MOST = 10_240
const LINE = 76

/**
 * An address in the form in which two of them are compared (section 6.1 of the specification); null when it is none, or
 * one that somebody could take for another: with a domain that is none, or letters that are other letters in disguise.
 */
export function canonicalAddress(text: string): string | null {
  const address = asciiAddress(text)
  const isOne = /^[^\p{Cc}\s<>,;:@"]+@[\x21-\x7e]+$/u.test(address) && /@[^<>,;:@"]+$/.test(address)
  return isOne && text.length <= 320 && address.normalize('NFKC') === address ? address : null
}

function keydataOf(text: string): Uint8Array | null {
  const base64 = text.replace(/\s+/g, '')
  if (base64.length % 4 === 1 || !/^[a-z0-9+/]+={0,2}$/i.test(base64)) return null
  return new Uint8Array(Buffer.from(base64, 'base64'))
}

/**
 * Reads the value of one header, with the name of the field before it or without, folded or not. null for everything
 * that the specification calls invalid: no address, no key, a key that does not come last, an attribute twice, one that
 * is unknown and not marked with `_` as such that may be, and more than 64 kB.
 */
export function readHeader(text: string): AutocryptHeader | null {
  if (text.length > READ_AT_MOST) return null
  const value = text.replace(/^\s*autocrypt(-gossip)?\s*:/i, '')
  const attributes = new Map<string, string>()
  const pieces = value.split(';')
  // A semicolon at the very end opens no attribute.
  if (pieces.at(-1)?.trim() === '') pieces.pop()
  for (const piece of pieces) {
    const at = piece.indexOf('=')
    const name = piece.slice(0, at).trim().toLowerCase()
    if (at < 0 || name === '' || attributes.has(name) || attributes.has('keydata')) return null
    attributes.set(name, piece.slice(at + 1).trim())
  }
  const isKnown = (name: string) => name.startsWith('_') || ['addr', 'prefer-encrypt', 'keydata'].includes(name)
  if (![...attributes.keys()].every(isKnown)) return null
  const address = canonicalAddress(attributes.get('addr') ?? '')
  const keydata = keydataOf(attributes.get('keydata') ?? '')
  if (!address || !keydata) return null
  return { address, prefersEncryption: attributes.get('prefer-encrypt')?.toLowerCase() === 'mutual', keydata }
}

/** The one header of a mail that holds for its sender; null when none does, or more than one (section 2.3). */
export function headerOf(values: readonly string[], sender: string): AutocryptHeader | null {
  const valid = values.flatMap((value) => readHeader(value) ?? [])
  const [only] = valid
  return valid.length === 1 && only && only.address === canonicalAddress(sender) ? only : null
}

/** What a mail passes on of the people it names, one for each: the first that speaks of him. At most `most`. */
export function gossipOf(values: readonly string[], named: readonly string[], most: number): AutocryptHeader[] {
  const wanted = new Set(named.flatMap((address) => canonicalAddress(address) ?? []))
  const found = new Map<string, AutocryptHeader>()
  for (const value of values.slice(0, most)) {
    const header = readHeader(value)
    if (header && wanted.has(header.address) && !found.has(header.address)) found.set(header.address, header)
  }
  return [...found.values()]
}

const folded = (base64: string): string => base64.replace(new RegExp(`.{1,${LINE}}`, 'g'), '\r\n $&')

function field(name: string, { address, prefersEncryption, keydata }: AutocryptHeader): string | null {
  // What could end the attribute, or the line, must not get into a header.
  if (canonicalAddress(address) === null) return null
  const preference = prefersEncryption ? 'prefer-encrypt=mutual; ' : ''
  const base64 = Buffer.from(keydata).toString('base64')
  const text = `${name}: addr=${address}; ${preference}keydata=${folded(base64)}\r\n`
  return Buffer.byteLength(text) > WRITTEN_AT_MOST ? null : text
}

/** The whole field for the outer header, folded, with its line end; null when it would be longer than may be sent. */
export const writeHeader = (header: AutocryptHeader): string | null => field('Autocrypt', header)

/** The whole field for the encrypted part; whether somebody prefers encryption is nothing to pass on. */
export const writeGossip = (header: Omit<AutocryptHeader, 'prefersEncryption'>): string | null =>
  field('Autocrypt-Gossip', { ...header, prefersEncryption: false })
