import { armor } from './armor.ts'
import { limits } from './limits.ts'
import { framesOf, tag } from './packets.ts'

const KEY_REVOCATION = 0x20

/**
 * The first revocation of a revoked certificate, alone and armored, to be kept and joined with the key one day; null
 * when there is none. It stands right behind the primary key (RFC 9580, section 10.1.1).
 */
export function revocationCertificate(certificate: Uint8Array): string | null {
  const [, ...frames] = framesOf(certificate, limits.keySignatures) ?? []
  for (const frame of frames) {
    if (frame.tag !== tag.signature) return null
    const version = certificate[frame.bodyStart] ?? 0
    // Version 3 has the length of what is hashed before the type.
    const type = certificate[frame.bodyStart + (version === 3 ? 2 : 1)]
    if (type === KEY_REVOCATION) return armor('PUBLIC KEY BLOCK', certificate.subarray(frame.start, frame.end))
  }
  return null
}
