import { enums, SignaturePacket } from 'openpgp'
import { binaryOf } from './armor.ts'
import { limits } from './limits.ts'
import { framesOf, tag } from './packets.ts'
import { readRing } from './read.ts'
import { OpenPgpRefusal } from './refusals.ts'
import { ringOf } from './rings.ts'
import { isSound, writtenOf } from './signing.ts'
import type { Operations } from './types.ts'

/**
 * Takes the first sound revocation of this key out of `revocation`: a revocation certificate of any program, with text
 * around it, or a whole revoked certificate. A secret ring stays one. Refuses `key.unreadable` when no revocation is in
 * it and `key.mismatch` when none is of this key.
 */
export const applyRevocation: Operations['applyRevocation'] = async ({ certificate, revocation, now }) => {
  const key = await readRing(certificate)
  const found = revocationsIn(revocation)
  if (found.length === 0) throw new OpenPgpRefusal('key.unreadable', 'no revocation')
  for (const signature of found) {
    const { keyRevocation } = enums.signature
    if (!(await isSound(signature, key.keyPacket, keyRevocation, { key: key.keyPacket }))) continue
    const written = writtenOf(signature)
    const isKnown = key.revocationSignatures.some((known) => Buffer.compare(writtenOf(known), written) === 0)
    if (!isKnown) key.revocationSignatures.push(signature)
    return ringOf(key, now)
  }
  throw new OpenPgpRefusal('key.mismatch')
}

function revocationsIn(armored: string): SignaturePacket[] {
  const text = new Uint8Array(Buffer.from(armored, 'utf8'))
  if (text.length > limits.keyFileBytes) throw new OpenPgpRefusal('key.too-large', `${text.length} bytes`)
  const bytes = binaryOf(text, ['PUBLIC KEY BLOCK', 'PRIVATE KEY BLOCK', 'SIGNATURE'], 'key.unreadable')
  const frames = framesOf(bytes, limits.keySignatures)
  if (!frames) throw new OpenPgpRefusal('key.unreadable', 'not a sequence of packets')
  const signatures = frames.filter((frame) => frame.tag === tag.signature && !frame.partial)
  return signatures.flatMap(({ bodyStart, end }) => {
    const signature = parse(bytes.subarray(bodyStart, end))
    return signature?.signatureType === enums.signature.keyRevocation ? [signature] : []
  })
}

function parse(body: Uint8Array): SignaturePacket | null {
  const signature = new SignaturePacket()
  try {
    ;(signature as unknown as { read(bytes: Uint8Array): void }).read(body)
    return signature
  } catch {
    return null
  }
}
