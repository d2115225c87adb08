import { createHash } from 'node:crypto'

const ALPHABET = 'ybndrfg8ejkmcpqxot1uwisza345h769'

/** z-base-32 (RFC 6189, section 5.1.6), five bits a character. */
function zBase32(bytes: Uint8Array): string {
  let text = ''
  let bits = 0
  let value = 0
  for (const byte of bytes) {
    value = (value << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      text += ALPHABET[(value >>> bits) & 31]
      value &= (1 << bits) - 1
    }
  }
  return bits > 0 ? text + ALPHABET[(value << (5 - bits)) & 31] : text
}

/** The name under which a Web Key Directory has the keys of an address: draft-koch-openpgp-webkey-service, section 3.1. */
export function wkdName(address: string): string {
  const local = address.slice(0, address.lastIndexOf('@'))
  // Only ASCII letters are mapped: what others fold to is nobody's to guess.
  const mapped = local.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
  return zBase32(createHash('sha1').update(mapped).digest())
}
