import { createMessage, type Key, readSignature, type SignaturePacket, verify } from 'openpgp'
import { strict } from '../config.ts'
import { OpenPgpRefusal, refusing } from '../refusals.ts'
import { documentHash, saltBytes, trailerOf } from './hashing.ts'

/** What the library says of one signature. */
export type VerificationResult = Awaited<ReturnType<typeof verify>>['signatures'][number]

/** What OpenPGP.js knows of a signature packet and does not declare. `hashed` spares it to hash the document itself. */
type Packet = SignaturePacket & { salt: Uint8Array | null; signatureData: Uint8Array; hashed?: Uint8Array }

const ecdsa = 19

/**
 * What the library says of every signature in `packets` over the document, by its own rules for keys and times; only the
 * document is hashed by OpenSSL. Refuses `message.unreadable`.
 */
export async function resultsOn(
  document: Uint8Array,
  packets: Uint8Array,
  keys: Key[],
  now: number,
): Promise<VerificationResult[]> {
  const signature = await refusing('message.unreadable', () =>
    readSignature({ binarySignature: packets, config: strict }),
  )
  if (signature.packets.length === 0) throw new OpenPgpRefusal('message.unreadable', 'no signature')
  const digestOf = documentHash([document])
  for (const packet of signature.packets as unknown as Packet[]) prepare(packet, keys, digestOf)
  const date = new Date(now)
  // The document itself, for whatever was not hashed above: never a placeholder, which somebody may have signed.
  const message = await createMessage({ binary: document, date })
  const { signatures } = await refusing('message.unreadable', () =>
    verify({ message, signature, verificationKeys: keys, format: 'binary', date, config: strict }),
  )
  return signatures
}

function prepare(packet: Packet, keys: Key[], digestOf: ReturnType<typeof documentHash>): void {
  const { version, signatureType, hashAlgorithm, salt } = packet
  // Without a key nothing is verified. ECDSA is verified by WebCrypto, which wants the document, not its hash.
  const isOurs = (version === 4 || version === 6) && (signatureType === 0 || signatureType === 1)
  if (!isOurs || packet.publicKeyAlgorithm === ecdsa) return
  if (!keys.some((key) => key.getKeys(packet.issuerKeyID).length > 0)) return
  if (version === 6 && salt?.length !== saltBytes.get(hashAlgorithm!)) return
  const how = { hash: hashAlgorithm!, isText: signatureType === 1, salt: version === 6 ? salt : null }
  const digest = digestOf(how, trailerOf(version, packet.signatureData))
  if (digest) packet.hashed = digest
}
