import type { Key, SignaturePacket, Subkey } from 'openpgp'
import { direct } from './signing.ts'

type Signed = { of: Key | Subkey; signatures: SignaturePacket[] }

/**
 * The next moment (epoch ms) at which something may be said of a key that is not true now: a signature or a key of it
 * begins or ends. null: never, until its bytes change. A moment too many is no harm.
 */
export function nextChange(key: Key, now: number): number | null {
  const all: Signed[] = [
    { of: key, signatures: [...key.revocationSignatures, ...direct(key).directSignatures] },
    ...key.users.map((user) => ({ of: key, signatures: [...user.selfCertifications, ...user.revocationSignatures] })),
    ...key.subkeys.map((subkey) => ({
      of: subkey,
      signatures: [...subkey.bindingSignatures, ...subkey.revocationSignatures],
    })),
  ]
  let next = Infinity
  for (const { of, signatures } of all) {
    const born = of.getCreationTime().getTime()
    for (const moment of [
      born,
      ...signatures.flatMap((signature) => withBackSignature(signature).flatMap((one) => momentsOf(one, born))),
    ])
      if (moment > now && moment < next) next = moment
  }
  return next === Infinity ? null : next
}

/** A signing subkey's binding holds another signature, which may end before it. */
const withBackSignature = (signature: SignaturePacket): SignaturePacket[] => {
  const { embeddedSignature } = signature as unknown as { embeddedSignature: SignaturePacket | null }
  return embeddedSignature ? [signature, embeddedSignature] : [signature]
}

function momentsOf({ created, signatureExpirationTime, keyExpirationTime }: SignaturePacket, born: number): number[] {
  const begun = Number(created)
  return [begun, begun + 1000 * (signatureExpirationTime ?? 0), born + 1000 * (keyExpirationTime ?? 0)]
}
