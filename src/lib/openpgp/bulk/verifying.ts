import { createMessage, type Key, readSignature, type SignaturePacket, verify } from 'openpgp'
import { strict } from '../config.ts'
import { OpenPgpRefusal, refusing } from '../refusals.ts'
import { documentHash, saltBytes, trailerOf } from './hashing.ts'

/** What the library says of one signature. */
export type VerificationResult = Awaited<ReturnType<typeof verify>>['signatures'][number]

/** What OpenPGP.js knows of a signature packet and does not declare. `hashed` spares it to hash the document itself. */
type Packet = SignaturePacket & {
  salt: Uint8Array | null
  signatureData: Uint8Array
  hashed?: Uint8Array
  /** of those that are signed */
  unknownSubpackets: { type: number; critical: boolean; body: Uint8Array }[]
}

const intendedRecipient = 35

/**
 * Fingerprints, in upper-case hex, of the keys that a signature says it was encrypted to with its document: it is good in
 * no other context. None when it says nothing of that. RFC 9580, section 5.2.3.36.
 */
export function intendedReaders(signature: SignaturePacket | undefined): string[] {
  const said = (signature as Packet | undefined)?.unknownSubpackets ?? []
  const fitting = said.filter(({ type }) => type === intendedRecipient)
  return fitting.map(({ body }) => Buffer.from(body.subarray(1)).toString('hex').toUpperCase())
}

const ecdsa = 19
// The library goes through the document for each of these, and slowly.
const ecdsaAtMost = 2

/**
 * What the library says of every signature in `block` over the document, by its own rules for keys and times; only the
 * document is hashed by OpenSSL. Refuses `message.unreadable`.
 */
export async function resultsOn(
  document: Uint8Array,
  block: Uint8Array,
  keys: Key[],
  now: number,
): Promise<VerificationResult[]> {
  const signature = await refusing('message.unreadable', () =>
    readSignature({ binarySignature: block, config: strict }),
  )
  if (signature.packets.length === 0) throw new OpenPgpRefusal('message.unreadable', 'no signature')
  const digestOf = documentHash([document])
  const packets = signature.packets as unknown as Packet[]
  // The library does not know what `intendedReaders` reads, and a critical one would be invalid to it.
  for (const { unknownSubpackets = [] } of packets)
    for (const said of unknownSubpackets) if (said.type === intendedRecipient) said.critical = false
  const { judged, idle } = sorted(packets, keys, digestOf)
  packets.splice(0, packets.length, ...judged)
  if (judged.length === 0) return idle
  const date = new Date(now)
  // The document itself, for whatever was not hashed above: never a placeholder, which somebody may have signed.
  const message = await createMessage({ binary: document, date })
  const { signatures } = await refusing('message.unreadable', () =>
    verify({ message, signature, verificationKeys: keys, format: 'binary', date, config: strict }),
  )
  return [...signatures, ...idle]
}

/**
 * The signatures that can count at all, with the hash of the document; and those that cannot, whatever the document says,
 * which are not worth going through it.
 */
function sorted(packets: Packet[], keys: Key[], digestOf: ReturnType<typeof documentHash>) {
  const judged: Packet[] = []
  const idle: VerificationResult[] = []
  let slow = 0
  for (const packet of packets) {
    // Of a version that nobody reads: the library passes it over.
    const [holder] = packet.issuerKeyID ? keys.flatMap((key) => key.getKeys(packet.issuerKeyID)) : []
    const isSlow = holder !== undefined && packet.publicKeyAlgorithm === ecdsa
    if (isSlow) slow += 1
    const why = holder && (whyIdle(packet, holder.keyPacket) ?? (isSlow ? null : prepare(packet, digestOf)))
    if (why || slow > ecdsaAtMost) idle.push(failed(packet, why ?? 'too many signatures'))
    else judged.push(packet)
  }
  return { judged, idle }
}

/** Why a signature can never be one of this key. RFC 9580, section 5.2.3: the versions of both go together. */
function whyIdle({ version, publicKeyAlgorithm, hashAlgorithm }: Packet, key: { algorithm: number }): string | null {
  if (publicKeyAlgorithm !== key.algorithm) return 'Signature does not match issuer key algorithm'
  if ((version === 6) !== ((key as unknown as { version: number }).version === 6))
    return 'Signature version does not match issuer key'
  if (strict.rejectMessageHashAlgorithms!.has(hashAlgorithm!)) return 'Insecure message hash algorithm'
  return null
}

const failed = (packet: Packet, why: string): VerificationResult => {
  const verified = Promise.reject(new Error(`Signature verification failed: ${why}`))
  verified.catch(() => {})
  const signature = Promise.resolve({ packets: [packet] })
  return { keyID: packet.issuerKeyID, verified, signature } as unknown as VerificationResult
}

/** Gives a packet the hash of the document; why not, where it would be too much. What is no signature of a document stays as it is. */
function prepare(packet: Packet, digestOf: ReturnType<typeof documentHash>): string | null {
  const { version, signatureType, hashAlgorithm, salt } = packet
  if ((version !== 4 && version !== 6) || (signatureType !== 0 && signatureType !== 1)) return null
  if (version === 6 && salt?.length !== saltBytes.get(hashAlgorithm!)) return 'salt of the wrong length'
  const how = { hash: hashAlgorithm!, isText: signatureType === 1, salt: version === 6 ? salt : null }
  const digest = digestOf(how, trailerOf(version, packet.signatureData))
  if (!digest) return 'too many signatures, or an unknown hash'
  packet.hashed = digest
  return null
}
