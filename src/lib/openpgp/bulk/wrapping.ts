import { createCipheriv, createHash, diffieHellman, generateKeyPairSync, hkdfSync, type KeyObject } from 'node:crypto'
import { encryptSessionKey, enums, type Key } from 'openpgp'
import { strict, whole } from '../config.ts'
import { tag } from '../packets.ts'
import { messageOf, OpenPgpRefusal } from '../refusals.ts'
import { packetOf } from './bodies.ts'
import { aeadModes, keyBytes } from './ciphers.ts'
import { algorithm, type KeyPacket, keyIdOf, keyPacketOf, mpi, x25519Public } from './key-material.ts'

/** The key of one message, and how it will be used; `aead` null: with an MDC. */
export type MessageKey = { data: Uint8Array; cipher: number; aead: number | null }

/** `recipient`: the place among the certificates that were given, for refusals. */
export type Reader = { key: Key; isHidden: boolean; recipient: number }

/**
 * The session key wrapped for one reader: a packet of type 1, version 3, or version 6 where the data is under AEAD (RFC
 * 9580, section 5.1). Curve25519 is worked natively, all else by OpenPGP.js. Refuses `key.weak` for a key with which there
 * would be no secret.
 */
export async function wrapFor(reader: Reader, session: MessageKey, now: number): Promise<Uint8Array> {
  const date = new Date(now)
  const chosen = await reader.key.getEncryptionKey(undefined, date, undefined, whole(strict))
  const key = keyPacketOf(chosen)
  const wrap = wrapperFor(key)
  try {
    if (!wrap) return await wrapByLibrary(reader, session, date)
    const head = reader.isHidden ? hiddenHead(session) : namedHead(key, session)
    return packetOf(tag.publicKeySession, Buffer.concat([head, Uint8Array.of(key.algorithm), wrap(key, session)]))
  } catch (error) {
    // The certificate is sound, so it is its numbers: whoever made it need not have known a secret to them.
    throw new OpenPgpRefusal('key.weak', messageOf(error), reader.recipient)
  }
}

type Wrapper = (key: KeyPacket, session: MessageKey) => Uint8Array

function wrapperFor({ algorithm: number, version, publicParams: { oid } }: KeyPacket): Wrapper | null {
  if (number === algorithm.x25519) return wrapX25519
  return number === algorithm.ecdh && version === 4 && oid?.getName() === 'curve25519Legacy' ? wrapEcdh : null
}

function namedHead(key: KeyPacket, { aead }: MessageKey): Uint8Array {
  if (aead === null) return Buffer.concat([Uint8Array.of(3), keyIdOf(key)])
  const fingerprint = key.getFingerprintBytes()
  return Buffer.concat([Uint8Array.of(6, fingerprint.length + 1, key.version), fingerprint])
}

const hiddenHead = ({ aead }: MessageKey): Uint8Array =>
  aead === null ? Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0, 0) : Uint8Array.of(6, 0)

/** RFC 9580, section 5.1.6. */
function wrapX25519({ publicParams: { A } }: KeyPacket, { data, cipher, aead }: MessageKey): Uint8Array {
  const { point, shared } = agreeWith(x25519Public(A!))
  const material = Buffer.concat([point, A!, shared])
  const key = new Uint8Array(hkdfSync('sha256', material, new Uint8Array(), 'OpenPGP X25519', 16))
  const wrapped = wrapAes(key, data)
  const named = aead === null ? [cipher] : []
  return Buffer.concat([point, Uint8Array.of(named.length + wrapped.length, ...named), wrapped])
}

const anonymousSender = Buffer.from('Anonymous Sender    ', 'latin1')

/** ECDH over Curve25519 in its older form: RFC 9580, section 11.5. The point has an octet in front, 0x40. */
function wrapEcdh(key: KeyPacket, session: MessageKey): Uint8Array {
  const { Q, oid, kdfParams } = key.publicParams
  const { hash, cipher } = kdfParams!
  const { point, shared } = agreeWith(x25519Public(Q!.subarray(1)))
  const about = [oid!.write(), Uint8Array.of(algorithm.ecdh, 3, 1, hash, cipher), anonymousSender]
  const derived = createHash(enums.read(enums.hash, hash))
    .update(Buffer.concat([Uint8Array.of(0, 0, 0, 1), shared, ...about, key.getFingerprintBytes()]))
    .digest()
  const wrapped = wrapAes(derived.subarray(0, keyBytes.get(cipher)!), padded(session))
  return Buffer.concat([mpi(Buffer.concat([Uint8Array.of(0x40), point])), Uint8Array.of(wrapped.length), wrapped])
}

/** The session key with its algorithm in front, unless the data packet names that, and its sum behind. */
function padded({ data, cipher, aead }: MessageKey): Uint8Array {
  const sum = data.reduce((total, octet) => (total + octet) & 0xffff, 0)
  const named = Buffer.concat([
    Uint8Array.from(aead === null ? [cipher] : []),
    data,
    Uint8Array.of(sum >> 8, sum & 0xff),
  ])
  const lacking = 8 - (named.length % 8)
  return Buffer.concat([named, Buffer.alloc(lacking, lacking)])
}

/** A key pair of its own for every reader: with a common one they could tell who else reads along. */
function agreeWith(publicKey: KeyObject): { point: Uint8Array; shared: Uint8Array } {
  const own = generateKeyPairSync('x25519')
  const { x } = own.publicKey.export({ format: 'jwk' })
  // Fails for a point of small order, with which the secret would be no secret.
  const shared = diffieHellman({ privateKey: own.privateKey, publicKey })
  return { point: Buffer.from(x!, 'base64url'), shared }
}

/** RFC 3394. */
function wrapAes(key: Uint8Array, data: Uint8Array): Uint8Array {
  const cipher = createCipheriv(`id-aes${key.length * 8}-wrap` as 'aes-256-cbc', key, Buffer.alloc(8, 0xa6))
  return Buffer.concat([cipher.update(data), cipher.final()])
}

async function wrapByLibrary({ key, isHidden }: Reader, session: MessageKey, date: Date): Promise<Uint8Array> {
  const made = await encryptSessionKey({
    data: session.data,
    algorithm: enums.read(enums.symmetric, session.cipher),
    ...(session.aead === null ? {} : { aeadAlgorithm: aeadModes.get(session.aead)!.name }),
    encryptionKeys: key,
    wildcard: isHidden,
    date,
    config: strict,
    format: 'binary',
  })
  return made as Uint8Array
}
