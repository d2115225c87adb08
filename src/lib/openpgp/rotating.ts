import { enums, type PrivateKey, type Subkey, type SubkeyOptions } from 'openpgp'
import { strict, whole } from './config.ts'
import { readOwn } from './expiry.ts'
import { bindingOf, may } from './judge.ts'
import { refusing } from './refusals.ts'
import { ringOf } from './rings.ts'
import { type Signed, soundOnes } from './signing.ts'
import type { Operations } from './types.ts'

/**
 * Adds a subkey to encrypt to, of the kind of the newest old one (of the primary key's kind where there is none, and
 * never weaker than may be encrypted to); `until` is its end. With `retire` the older ones are revoked as superseded,
 * which leaves mail to them readable. Refuses as `setExpiry`.
 */
export const rotateSubkey: Operations['rotateSubkey'] = async ({ secret, until, retire, now }) => {
  const key = await readOwn(secret, now)
  const old = await encryptionSubkeys(key)
  const rotated = await refusing('key.no-signing-key', () => key.addSubkey(optionsOf(key, old[0], until, now)))
  const [fresh] = rotated.subkeys.splice(-1)
  // Of two from the same second the first in the ring is the one that everybody takes.
  rotated.subkeys.unshift(fresh!)
  if (retire) {
    const retired = new Set(old.map((subkey) => subkey.getFingerprint()))
    for (const subkey of rotated.subkeys)
      if (retired.has(subkey.getFingerprint())) await retireSubkey(rotated, subkey, now)
  }
  return ringOf(rotated, now)
}

/** Subkeys that encrypt and were not revoked, the newest first. */
async function encryptionSubkeys(key: PrivateKey): Promise<Subkey[]> {
  const found: Subkey[] = []
  for (const subkey of key.subkeys) {
    const binding = await bindingOf(subkey)
    const data: Signed = { key: key.keyPacket, bind: subkey.keyPacket }
    const { subkeyRevocation } = enums.signature
    const revocations = await soundOnes(subkey.revocationSignatures, key.keyPacket, subkeyRevocation, data)
    if (!binding || revocations.length > 0) continue
    if (may('encrypt', subkey.keyPacket.algorithm, binding.keyFlags)) found.push(subkey)
  }
  return found.sort((a, b) => b.getCreationTime().getTime() - a.getCreationTime().getTime())
}

function optionsOf(key: PrivateKey, old: Subkey | undefined, until: number | null, now: number): SubkeyOptions {
  // Whole seconds, as a key's life is counted from the second of its creation.
  const keyExpirationTime = until === null ? 0 : Math.max(1, Math.floor(until / 1000) - Math.floor(now / 1000))
  return { ...shapeOf(old ?? key), sign: false, keyExpirationTime, date: new Date(now), config: strict }
}

function shapeOf(model: Subkey | PrivateKey): SubkeyOptions {
  const { algorithm, bits, curve } = model.getAlgorithmInfo()
  if (algorithm === 'ecdh' || algorithm === 'ecdsa' || algorithm === 'eddsaLegacy') {
    return { type: 'ecc', curve: curve ?? 'curve25519Legacy' } as SubkeyOptions
  }
  if (algorithm === 'x25519' || algorithm === 'ed25519') return { type: 'curve25519' } as SubkeyOptions
  if (algorithm === 'x448' || algorithm === 'ed448') return { type: 'curve448' } as SubkeyOptions
  // RSA; ElGamal and DSA, which nobody makes any more, are followed by it.
  return { type: 'rsa', rsaBits: Math.min(Math.max(bits ?? 0, 2048), 4096) }
}

async function retireSubkey(key: PrivateKey, subkey: Subkey, now: number): Promise<void> {
  const because = { flag: enums.reasonForRevocation.keySuperseded }
  const primary = key.keyPacket as unknown as Parameters<Subkey['revoke']>[0]
  const revoked = await subkey.revoke(primary, because, new Date(now), whole(strict))
  subkey.revocationSignatures = revoked.revocationSignatures
}
