import { constants, privateEncrypt, randomBytes, sign as signDigest } from 'node:crypto'
import { createMessage, enums, type Key, type PrivateKey, sign } from 'openpgp'
import { strict, whole } from '../config.ts'
import { tag } from '../packets.ts'
import { OpenPgpRefusal, refusing } from '../refusals.ts'
import { packetsIn } from './bodies.ts'
import { documentHash, saltBytes, sha256, sha512, trailerOf } from './hashing.ts'
import { algorithm, ed25519Private, type KeyPacket, keyIdOf, keyPacketOf, mpi, rsaPrivate } from './key-material.ts'

/** The body of a signature packet over a document, and the name of its hash. */
export type Signed = { body: Uint8Array; hash: string }

type Maker = { hash: number; sign(digest: Uint8Array, key: KeyPacket): Uint8Array }

// RFC 9580, section 5.2.3.3 would take SHA-256 for the older form too; with SHA-512 it is what everybody makes and tests.
const makers: ReadonlyMap<number, Maker> = new Map([
  [algorithm.rsa, { hash: sha256, sign: signRsa }],
  [algorithm.rsaSignOnly, { hash: sha256, sign: signRsa }],
  [algorithm.eddsaLegacy, { hash: sha512, sign: signEddsaLegacy }],
  [algorithm.ed25519, { hash: sha256, sign: signEd25519 }],
])

/**
 * A binary signature (type 0x00) over the document, made at `now` with the newest key of `signer` that may sign. The
 * document is hashed by OpenSSL; for keys of rarer algorithms OpenPGP.js does all. Refuses `key.no-signing-key` when the
 * secret is a mere stub. With `readers` it says that it is encrypted to them, and good for nobody else.
 */
export async function signatureOver(
  document: Uint8Array[],
  signer: PrivateKey,
  now: number,
  readers: readonly Key[] = [],
): Promise<Signed> {
  const date = new Date(now)
  const chosen = await refusing('key.no-signing-key', () =>
    signer.getSigningKey(undefined, date, undefined, whole(strict)),
  )
  const key = keyPacketOf(chosen)
  if (!key.privateParams || key.isMissingSecretKeyMaterial?.()) throw new OpenPgpRefusal('key.no-signing-key', 'a stub')
  const maker = makers.get(key.algorithm)
  const isKnown =
    maker && (key.algorithm !== algorithm.eddsaLegacy || key.publicParams.oid?.getName() === 'ed25519Legacy')
  return isKnown && (key.version === 4 || key.version === 6)
    ? signNatively(document, key, maker, { now, readers })
    : signByLibrary(document, signer, date)
}

function signNatively(
  document: Uint8Array[],
  key: KeyPacket,
  { hash, sign }: Maker,
  { now, readers }: { now: number; readers: readonly Key[] },
): Signed {
  const { version } = key
  const salt = version === 6 ? randomBytes(saltBytes.get(hash)!) : null
  const subpackets = Buffer.concat([
    ...hashedSubpackets(key, now),
    ...readers.map((reader) => intended(keyPacketOf(reader))),
  ])
  const head = Uint8Array.of(version, enums.signature.binary, key.algorithm, hash)
  const hashedPart = Buffer.concat([head, lengthIn(version, subpackets.length), subpackets])
  const digest = documentHash(document)({ hash, isText: false, salt }, trailerOf(version, hashedPart))!
  const parts = [hashedPart, lengthIn(version, 0), digest.subarray(0, 2)]
  if (salt) parts.push(Buffer.from([salt.length]), salt)
  return { body: Buffer.concat([...parts, sign(digest, key)]), hash: enums.read(enums.hash, hash) }
}

/** Lengths of the areas of subpackets have two octets, in v6 four. */
function lengthIn(version: number, length: number): Buffer {
  const octets = Buffer.alloc(version === 6 ? 4 : 2)
  octets.writeUIntBE(length, 0, octets.length)
  return octets
}

/** Creation time, and whose signature it is: RFC 9580, sections 5.2.3.11, 5.2.3.12 and 5.2.3.35. */
function* hashedSubpackets(key: KeyPacket, now: number): Generator<Buffer> {
  const time = Buffer.alloc(4)
  time.writeUInt32BE(Math.floor(now / 1000))
  yield subpacket(0x80 | 2, time)
  if (key.version === 4) yield subpacket(16, keyIdOf(key))
  yield subpacket(33, fingerprintIn(key))
}

/** Never critical: programs that do not know it would take the signature for a bad one. RFC 9580, section 5.2.3.36. */
const intended = (packet: KeyPacket): Buffer => subpacket(35, fingerprintIn(packet))

const fingerprintIn = (packet: KeyPacket): Buffer =>
  Buffer.concat([Uint8Array.of(packet.version), packet.getFingerprintBytes()])

const subpacket = (type: number, body: Uint8Array): Buffer =>
  Buffer.concat([Uint8Array.of(body.length + 1, type), body])

function signEddsaLegacy(digest: Uint8Array, { publicParams: { Q }, privateParams }: KeyPacket): Uint8Array {
  // The point has an octet in front that says how it is written.
  const signature = signDigest(null, digest, ed25519Private(privateParams!.seed!, Q!.subarray(1)))
  return Buffer.concat([mpi(signature.subarray(0, 32)), mpi(signature.subarray(32))])
}

function signEd25519(digest: Uint8Array, { publicParams: { A }, privateParams }: KeyPacket): Uint8Array {
  return signDigest(null, digest, ed25519Private(privateParams!.seed!, A!))
}

/** The ASN.1 that says "SHA-256" in front of a digest, RFC 9580, section 5.2.2. */
const sha256Prefix = Buffer.from('3031300d060960864801650304020105000420', 'hex')

function signRsa(digest: Uint8Array, key: KeyPacket): Uint8Array {
  const how = { key: rsaPrivate(key), padding: constants.RSA_PKCS1_PADDING }
  return mpi(privateEncrypt(how, Buffer.concat([sha256Prefix, digest])))
}

async function signByLibrary(document: Uint8Array[], signingKeys: PrivateKey, date: Date): Promise<Signed> {
  const message = await createMessage({ binary: Buffer.concat(document), date })
  const made = await refusing('key.no-signing-key', () =>
    sign({ message, signingKeys, detached: true, format: 'binary', date, config: strict }),
  )
  const [packet] = packetsIn(made as Uint8Array, 1) ?? []
  if (packet?.tag !== tag.signature) throw new Error('the library made no signature')
  return { body: packet.body, hash: enums.read(enums.hash, packet.body[3]!) }
}

/** The packet that announces a signature in front of the data, RFC 9580, section 5.4; nothing is nested in it. */
export function onePassOf(signature: Uint8Array): Uint8Array {
  const [version, type, publicKey, hash] = signature as unknown as [number, number, number, number]
  const octets = version === 6 ? 4 : 2
  const hashedLength = Buffer.from(signature).readUIntBE(4, octets)
  const issuer = issuerIn(signature.subarray(4 + octets, 4 + octets + hashedLength))
  if (version !== 6)
    return Buffer.concat([Uint8Array.of(3, type, hash, publicKey), issuer.subarray(-8), Uint8Array.of(1)])
  // Behind the subpackets that are not hashed, of which there are none, and two octets of the digest.
  const saltAt = 4 + octets + hashedLength + 4 + 2
  const salt = signature.subarray(saltAt, saltAt + 1 + signature[saltAt]!)
  return Buffer.concat([Uint8Array.of(6, type, hash, publicKey), salt, issuer, Uint8Array.of(1)])
}

/** The issuer's fingerprint, which every signature made here carries in its hashed part. */
function issuerIn(subpackets: Uint8Array): Uint8Array {
  for (let at = 0; at < subpackets.length; at += 1 + subpackets[at]!) {
    if ((subpackets[at + 1]! & 0x7f) === 33) return subpackets.subarray(at + 3, at + 1 + subpackets[at]!)
  }
  throw new Error('a signature that does not name its issuer')
}
