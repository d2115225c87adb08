import { generateKeyPairSync } from 'node:crypto'
import { enums, type PrivateKey, readPrivateKey, SignaturePacket, type UserIDPacket } from 'openpgp'
import { strict, whole } from './config.ts'
import { framesOf, tag } from './packets.ts'
import { newKey, now } from './testing.ts'

/** Makes the keys that nobody should ever send us: for tests, byte by byte. */

export const packet = (type: number, body: Uint8Array): Buffer => {
  const header = Buffer.from([0xc0 | type, 0xff, 0, 0, 0, 0])
  header.writeUInt32BE(body.length, 2)
  return Buffer.concat([header, body])
}

export const slices = (data: Uint8Array): Buffer[] =>
  framesOf(data, 20_000)!.map(({ start, end }) => Buffer.from(data.subarray(start, end)))

const mpi = (number: Buffer, bits = number.length * 8): Buffer => {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(bits & 0xffff)
  return Buffer.concat([length, number])
}

/** The body of a public key: version, creation time, algorithm, numbers. */
export const keyBody = (version: number, algorithm: number, numbers: Buffer[], created = now): Buffer => {
  const time = Buffer.alloc(4)
  time.writeUInt32BE(Math.floor(created / 1000))
  const validity = version === 3 ? Buffer.alloc(2) : Buffer.alloc(0)
  const material = Buffer.concat(numbers)
  const count = Buffer.alloc(version > 4 ? 4 : 0)
  if (version > 4) count.writeUInt32BE(material.length)
  return Buffer.concat([Buffer.from([version]), time, validity, Buffer.from([algorithm]), count, material])
}

const ones = (octets: number) => Buffer.alloc(octets, 0xff)
const userId = (text: string | Buffer) => packet(tag.userId, Buffer.from(text as string))
const rsa = (modulus: number, exponent: number, version = 4) => [
  packet(tag.publicKey, keyBody(version, 1, [mpi(ones(modulus)), mpi(ones(exponent))])),
  userId('rsa <rsa@x.test>'),
]

export const ada = await newKey('ada')
export const [primary, adaId, adaWord, subkey, binding] = slices(ada.certificate) as [
  Buffer,
  Buffer,
  Buffer,
  Buffer,
  Buffer,
]
const opened = (await readPrivateKey({ binaryKey: ada.secret })) as PrivateKey

type Signing = { sign(...args: unknown[]): Promise<void>; write(): Uint8Array }

/** A self-certification by ada over any bytes, at any time. */
export async function vouchedFor(body: Buffer, at = now): Promise<Buffer[]> {
  const signature = new SignaturePacket()
  signature.signatureType = enums.signature.certPositive
  signature.publicKeyAlgorithm = opened.keyPacket.algorithm
  signature.hashAlgorithm = enums.hash.sha256
  signature.keyFlags = [3] as unknown as Uint8Array
  const data = { key: opened.keyPacket, userID: { write: () => body } as unknown as UserIDPacket }
  const signing = signature as unknown as Signing
  await signing.sign(opened.keyPacket, data, new Date(at), false, whole(strict))
  return [packet(tag.userId, body), packet(tag.signature, Buffer.from(signing.write()))]
}

/** A signature packet that holds a signature that holds a signature, `depth` times. */
export function nested(depth: number): Buffer {
  let inner = Buffer.from([4, 0x19, 22, 8, 0, 6, 5, 2, 0x69, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 0, 1, 1])
  for (let level = 0; level < depth; level++) {
    const subpackets = Buffer.concat([
      Buffer.from([5, 2, 0x69, 0, 0, 0]),
      long(inner.length + 1),
      Buffer.from([32]),
      inner,
    ])
    const length = Buffer.alloc(4)
    length.writeUInt32BE(subpackets.length)
    inner = Buffer.concat([
      Buffer.from([6, 0x19, 22, 8]),
      length,
      subpackets,
      Buffer.alloc(4),
      Buffer.from([0, 0, 16]),
      Buffer.alloc(80),
    ])
  }
  return packet(tag.signature, inner)
}

const long = (length: number): Buffer => {
  const bytes = Buffer.from([0xff, 0, 0, 0, 0])
  bytes.writeUInt32BE(length, 1)
  return bytes
}

/** The secret form of ada's key packets under a made-up lock: RFC 9580, section 5.5.3. */
export function lockedBy(usage: number[], times = 1): Buffer {
  const body = (slice: Buffer) => slice.subarray(slice[1]! < 192 ? 2 : 6)
  const lock = (type: number, slice: Buffer) =>
    packet(type, Buffer.concat([body(slice), Buffer.from(usage), Buffer.alloc(64, 1)]))
  const subkeys = Array.from({ length: times }, () => [lock(tag.secretSubkey, subkey), binding]).flat()
  return Buffer.concat([lock(tag.secretKey, primary), adaId, adaWord, ...subkeys])
}

const salt = Array(16).fill(7) as number[]
export const locks = {
  'Argon2 with a terabyte': lockedBy([253, 9, 2, 4, ...salt, 3, 4, 30]),
  'Argon2 with 255 passes': lockedBy([253, 9, 2, 4, ...salt, 255, 4, 19]),
  'Argon2 with nothing': lockedBy([253, 9, 2, 4, ...salt, 0, 0, 0]),
  'the largest count, many times': lockedBy([254, 9, 3, 8, ...salt.slice(8), 255], 200),
  'an unknown derivation': lockedBy([254, 9, 77, 8, ...salt]),
  'an unknown cipher': lockedBy([254, 99, 3, 8, ...salt.slice(8), 96]),
  unsalted: lockedBy([254, 9, 0, 8]),
  'two octets of checksum': lockedBy([255, 9, 3, 8, ...salt.slice(8), 96]),
  IDEA: lockedBy([1, ...salt]),
}

const other = await newKey('other', 'v6')
const otherParts = slices(other.certificate)
const { publicKey: dsa } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const spki = Buffer.from(dsa.export({ format: 'der', type: 'spki' }))

/** What `inspect` must do with each: the reason why nobody can encrypt to it, or with which it is refused as a whole. */
export const oddKeys: Record<string, { file: Buffer; canEncrypt?: string | true; refused?: string }> = {
  'no user id': { file: Buffer.concat([primary, subkey, binding]), canEncrypt: 'key.no-user-id' },
  'a user id that nobody signed': {
    file: Buffer.concat([primary, adaId, subkey, binding]),
    canEncrypt: 'key.no-user-id',
  },
  'a user id of control characters': {
    file: Buffer.concat([
      primary,
      ...(await vouchedFor(Buffer.from('a\r\nb\u0000\u202e <c@x.test>'))),
      subkey,
      binding,
    ]),
    canEncrypt: true,
  },
  'a user id of nothing': {
    file: Buffer.concat([primary, ...(await vouchedFor(Buffer.alloc(0))), subkey, binding]),
    canEncrypt: true,
  },
  'an endless user id': {
    file: Buffer.concat([...slices(ada.certificate), userId(Buffer.alloc(900_000, 'x')), adaWord]),
    canEncrypt: true,
  },
  '4096 user ids': { file: Buffer.concat([primary, ...Array<Buffer>(4096).fill(adaId)]), refused: 'key.too-large' },
  'a word about a user id dated tomorrow': {
    file: Buffer.concat([
      primary,
      ...(await vouchedFor(Buffer.from('a <a@x.test>'), now + 86_400_000)),
      subkey,
      binding,
    ]),
    canEncrypt: 'key.not-yet-valid',
  },
  'a signature that cannot be parsed': {
    file: Buffer.concat([...slices(ada.certificate), packet(tag.signature, Buffer.from([4, 0x18, 22]))]),
    canEncrypt: true,
  },
  'signatures of versions 3 and 9': {
    file: Buffer.concat([
      ...slices(ada.certificate),
      packet(tag.signature, Buffer.from([3, 5])),
      packet(tag.signature, Buffer.alloc(40, 9)),
    ]),
    canEncrypt: true,
  },
  'a signature in a signature, and so on': {
    file: Buffer.concat([primary, adaId, adaWord, nested(5000), subkey, binding]),
    canEncrypt: true,
  },
  'an empty RSA key': { file: Buffer.concat(rsa(0, 0)), refused: 'key.unreadable' },
  'a large RSA key': { file: Buffer.concat([...rsa(2048, 3), adaWord]), canEncrypt: 'key.no-user-id' },
  'an RSA key larger than OpenSSL takes': { file: Buffer.concat(rsa(4096, 3)), refused: 'key.unsupported' },
  'an RSA exponent as long as the modulus': { file: Buffer.concat(rsa(2048, 2048)), refused: 'key.unsupported' },
  'a DSA key of 16k': {
    file: packet(
      tag.publicKey,
      keyBody(
        4,
        17,
        [2048, 2048, 2048, 2048].map((octets) => mpi(ones(octets))),
      ),
    ),
    refused: 'key.unsupported',
  },
  'a number longer than its packet': {
    file: packet(tag.publicKey, keyBody(4, 1, [mpi(ones(4), 0xffff), mpi(ones(3))])),
    refused: 'key.unreadable',
  },
  'version 2': { file: Buffer.concat(rsa(256, 3, 2)), refused: 'key.unsupported' },
  'version 3': { file: Buffer.concat(rsa(256, 3, 3)), refused: 'key.unsupported' },
  'version 5': { file: Buffer.concat(rsa(256, 3, 5)), refused: 'key.unsupported' },
  'version 200': { file: Buffer.concat(rsa(256, 3, 200)), refused: 'key.unsupported' },
  'an unknown algorithm': { file: packet(tag.publicKey, keyBody(4, 99, [ones(32)])), refused: 'key.unsupported' },
  'an unknown curve': {
    file: packet(tag.publicKey, keyBody(4, 19, [Buffer.from([3, 1, 2, 3]), mpi(spki.subarray(-65))])),
    refused: 'key.unsupported',
  },
  'a subkey of an unknown algorithm alone': {
    file: Buffer.concat([primary, adaId, adaWord, packet(tag.publicSubkey, keyBody(4, 35, [ones(64)])), binding]),
    canEncrypt: 'key.unsupported',
  },
  'a Curve25519 of version 4 as a key of version 6': {
    file: packet(
      tag.publicKey,
      keyBody(6, 22, [Buffer.from([9, 0x2b, 6, 1, 4, 1, 0xda, 0x47, 0x0f, 1]), mpi(ones(33))]),
    ),
    refused: 'key.unreadable',
  },
  'markers, padding and trust between the packets': {
    file: Buffer.concat(
      slices(ada.certificate).flatMap((slice) => [
        slice,
        packet(tag.marker, Buffer.from('PGP')),
        packet(tag.padding, ones(99)),
        packet(12, Buffer.from([6, 0])),
      ]),
    ),
    canEncrypt: true,
  },
  'a packet that must be understood': {
    file: Buffer.concat([...slices(ada.certificate), packet(39, ones(3))]),
    refused: 'key.unreadable',
  },
  'a packet that need not be understood': {
    file: Buffer.concat([...slices(ada.certificate), packet(60, ones(3))]),
    canEncrypt: true,
  },
  'compressed data': {
    file: Buffer.concat([...slices(ada.certificate), packet(tag.compressed, ones(99))]),
    refused: 'key.unreadable',
  },
  'a message': { file: packet(tag.literal, ones(99)), refused: 'key.no-key' },
  'signatures without a key': { file: Buffer.concat([adaWord, binding]), refused: 'key.no-key' },
  'a subkey first': { file: Buffer.concat([subkey, binding, ...slices(ada.certificate)]), canEncrypt: true },
  'a packet of partial lengths': {
    file: Buffer.concat([primary, Buffer.from([0xcd, 0xe1, 65, 66, 1, 67])]),
    refused: 'key.unreadable',
  },
  'a packet of no length': { file: Buffer.concat([primary, Buffer.from([0xb7, 65, 66])]), refused: 'key.unreadable' },
  'more length than file': { file: Buffer.from([0xc6, 0xff, 0xff, 0xff, 0xff, 0xff, 4]), refused: 'key.unreadable' },
  'its own primary key as a subkey': {
    file: Buffer.concat([...slices(ada.certificate), packet(tag.publicSubkey, primary.subarray(2)), binding]),
    canEncrypt: true,
  },
  'the word and the subkey of another key': {
    file: Buffer.concat([primary, ...otherParts.slice(1)]),
    canEncrypt: 'key.no-user-id',
  },
  'a picture of nonsense': {
    file: Buffer.concat([
      primary,
      packet(tag.userAttribute, Buffer.concat([long(0xffff_fff0), ones(50)])),
      adaWord,
      adaId,
      adaWord,
      subkey,
      binding,
    ]),
    canEncrypt: true,
  },
  'a thousand keys of one octet': {
    file: Buffer.concat(Array<Buffer>(1000).fill(packet(tag.publicKey, Buffer.from([4])))),
    refused: 'key.unsupported',
  },
  'two thousand keys': { file: Buffer.concat(Array<Buffer>(2000).fill(primary)), refused: 'key.too-large' },
  'six thousand signatures': {
    file: Buffer.concat([primary, adaId, ...Array<Buffer>(6000).fill(adaWord)]),
    refused: 'key.too-large',
  },
  'more than a mebibyte': {
    file: Buffer.concat([...slices(ada.certificate), packet(60, Buffer.alloc(1_100_000))]),
    refused: 'key.too-large',
  },
}
