import assert from 'node:assert/strict'
import { createCipheriv, createHash, randomBytes, sign } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { currentCertificate, unlockedSecrets } from '#src/domain/keys/keys.ts'
import { findSession } from '#src/domain/sessions/sessions.ts'
import { armor, dearmor } from '#src/lib/openpgp/armor.ts'
import { sealWithAead } from '#src/lib/openpgp/bulk/aead.ts'
import { packetOf } from '#src/lib/openpgp/bulk/bodies.ts'
import { ed25519Private, keyIdOf, keyPacketOf, mpi } from '#src/lib/openpgp/bulk/key-material.ts'
import { knownCertificate, knownSecret } from '#src/lib/openpgp/bulk/known-keys.ts'
import { sealWithMdc } from '#src/lib/openpgp/bulk/mdc.ts'
import { bytesOf } from '#src/lib/openpgp/bulk/output.ts'
import { wrapFor } from '#src/lib/openpgp/bulk/wrapping.ts'
import { tag } from '#src/lib/openpgp/packets.ts'
import { type House, type HouseOptions, type Reply, startHouse } from '#src/testing.ts'
import { bodyOf, KEY_PASSWORD, messageIn, origin, type Person, person, withPassword } from './people.ts'

/** Stands in every plain text that an attacker is after. */
export const SECRET = 'the-secret-4711'
/** Stands in everything that an attacker puts beside it. */
export const EVIL = 'evil.test'

/** Who writes, who reads, and who listens and forges: Eve has every mail, and keys of her own. */
export interface Stage {
  house: House
  ada: Person
  ben: Person
  eve: Person
  certificate(of: Person): Promise<Uint8Array>
  secret(of: Person): Promise<Uint8Array>
  /** Packets as an honest program makes them. */
  sealed(data: string | Uint8Array, to: Person, by?: Person): Promise<Uint8Array>
  /** Any packets, under a seal for Ben that is sound. */
  around(inner: Uint8Array, form?: 'mdc' | 'aead'): Promise<Uint8Array>
  /** The packet that wraps a session key for Ben. */
  wrap(key: Uint8Array): Promise<Uint8Array>
}

export async function stage(options: HouseOptions = {}): Promise<Stage> {
  const house = await startHouse(options)
  const [ada, ben, eve] = [await person(house, 'ada'), await person(house, 'ben'), await person(house, 'eve')]
  const certificate = async ({ email }: Person) => (await currentCertificate(house.ctx, email))!.certificate
  async function secret({ sessid }: Person): Promise<Uint8Array> {
    const signed = await findSession(house.ctx, sessid, 'mailbox')
    return (await unlockedSecrets(house.ctx, { signed, proof: { password: KEY_PASSWORD }, origin })).current!
  }
  async function sealed(data: string | Uint8Array, to: Person, by?: Person): Promise<Uint8Array> {
    const signWith = by && (await secret(by))
    const forWhom = { recipients: [await certificate(to)], signWith, now: house.clock.now() }
    const made = await house.ctx.workers.openpgp.encrypt({ data: Buffer.from(data as string), ...forWhom })
    return dearmor(Buffer.from(made))[0]!.data
  }
  async function wrapped(key: Uint8Array, aead: number | null): Promise<Uint8Array> {
    const reader = { key: await knownCertificate(await certificate(ben)), isHidden: false, recipient: 0 }
    return wrapFor(reader, { data: key, cipher: 9, aead }, house.clock.now())
  }
  async function around(inner: Uint8Array, form: 'mdc' | 'aead' = 'mdc'): Promise<Uint8Array> {
    const key = randomBytes(32)
    const data = form === 'mdc' ? sealWithMdc([inner], key) : sealWithAead([inner], key, 9, 2)
    return Buffer.concat([await wrapped(key, form === 'mdc' ? null : 2), bytesOf(data)])
  }
  return { house, ada, ben, eve, certificate, secret, sealed, around, wrap: (key) => wrapped(key, null) }
}

/** A packet of type 11: format, file name, date, and the data. */
export function literal(data: string | Uint8Array, name = ''): Buffer {
  const about = [Uint8Array.of(0x62, Buffer.byteLength(name)), Buffer.from(name), Buffer.alloc(4)]
  return packetOf(tag.literal, Buffer.concat([...about, Buffer.from(data as string)]))
}

export const zipped = (inner: Uint8Array): Buffer =>
  packetOf(tag.compressed, Buffer.concat([Uint8Array.of(1), deflateRawSync(inner)]))

/** A signature of any type by an Ed25519 key over any bytes, with what else it is to claim: RFC 9580, section 5.2.3. */
export async function signaturePacket(
  secret: Uint8Array,
  covered: Uint8Array,
  { now, type = 0, more = [] }: { now: number; type?: number; more?: Uint8Array[] },
): Promise<Buffer> {
  const key = await knownSecret(secret)
  const packet = keyPacketOf(key)
  const time = Buffer.alloc(4)
  time.writeUInt32BE(Math.floor(now / 1000))
  const claims = [subpacket(2, time), subpacket(16, keyIdOf(packet)), ...more]
  const length = Buffer.alloc(2)
  length.writeUInt16BE(claims.reduce((sum, claim) => sum + claim.length, 0))
  const head = Buffer.concat([Uint8Array.of(4, type, packet.algorithm, 8), length, ...claims])
  const trailer = Buffer.from([4, 0xff, 0, 0, 0, 0])
  trailer.writeUInt32BE(head.length, 2)
  const digest = createHash('sha256').update(covered).update(head).update(trailer).digest()
  const made = sign(null, digest, ed25519Private(packet.privateParams!.seed!, packet.publicParams.Q!.subarray(1)))
  const numbers = [mpi(made.subarray(0, 32)), mpi(made.subarray(32))]
  return packetOf(tag.signature, Buffer.concat([head, Buffer.alloc(2), digest.subarray(0, 2), ...numbers]))
}

export const subpacket = (type: number, body: Uint8Array): Buffer =>
  Buffer.concat([Uint8Array.of(body.length + 1, type), body])

/** Announces a signature by the key of `signature`, which names it by its id. */
export function onePass(keyId: Uint8Array): Buffer {
  return packetOf(tag.onePassSignature, Buffer.concat([Uint8Array.of(3, 0, 8, 22), keyId, Uint8Array.of(1)]))
}

/** The draft's packet of type 20 around `inner`, in chunks of 64 bytes; each chunk with its tag, and the last tag. */
export function draftChunks(inner: Uint8Array, key: Uint8Array): { head: Buffer; chunks: Buffer[]; last: Buffer } {
  const about = Uint8Array.of(1, 9, 2, 0)
  const iv = randomBytes(15)
  const seal = (plain: Uint8Array, index: number, total?: number) => {
    const number = Buffer.alloc(8)
    number.writeBigUInt64BE(BigInt(index))
    const sum = Buffer.alloc(total === undefined ? 0 : 8)
    if (total !== undefined) sum.writeBigUInt64BE(BigInt(total))
    const nonce = Buffer.from(iv)
    for (const [at, octet] of number.entries()) nonce[7 + at]! ^= octet
    const cipher = createCipheriv('aes-256-ocb', key, nonce, { authTagLength: 16 })
    cipher.setAAD(Buffer.concat([Uint8Array.of(0xd4), about, number, sum]))
    return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
  }
  const chunks: Buffer[] = []
  for (let at = 0; at < inner.length; at += 64) chunks.push(seal(inner.subarray(at, at + 64), chunks.length))
  return { head: Buffer.concat([about, iv]), chunks, last: seal(Buffer.alloc(0), chunks.length, inner.length) }
}

const crlf = (text: string): string => text.replace(/\r?\n/g, '\r\n')

/** A part: fields, the empty line, what it holds. */
export const part = (type: string, body: string, more = ''): string => crlf(`Content-Type: ${type}\n${more}\n${body}`)

let boundaries = 0

/** Parts of parts, in a container of this type. */
export function container(type: string, ...parts: string[]): string {
  const boundary = `b${++boundaries}`
  return crlf(
    `Content-Type: ${type}; boundary="${boundary}"\n\n${parts.map((each) => `--${boundary}\n${each}\n`).join('')}--${boundary}--\n`,
  )
}

export const armored = (packets: Uint8Array): string => crlf(armor('MESSAGE', packets))

/** RFC 3156, section 4. */
export const encryptedPart = (text: string, around: { before?: string; after?: string } = {}): string =>
  container(
    'multipart/encrypted; protocol="application/pgp-encrypted"',
    ...(around.before ? [around.before] : []),
    part('application/pgp-encrypted', 'Version: 1\n'),
    part('application/octet-stream', text),
    ...(around.after ? [around.after] : []),
  )

/** A header and a part under it. */
export const mail = (fields: Record<string, string>, content: string): Buffer =>
  Buffer.from(
    `${Object.entries(fields)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}MIME-Version: 1.0\r\n${content}`,
    'latin1',
  )

/** The secret stands in the body that was opened, once, and nothing of Eve's is anywhere in the answer. */
export function confined(reply: Reply, what: string): void {
  assert.equal(reply.status, 200, `${what}: ${reply.text.slice(0, 300)}`)
  assert.equal(reply.text.split(SECRET).length, 2, `${what}: ${reply.text}`)
  assert.ok(bodyOf(messageIn(reply)).includes(SECRET), what)
  assert.ok(!reply.text.includes(EVIL), `${what}: ${reply.text}`)
}

/** Nothing comes out but one of these codes. */
export function silent(reply: Reply, what: string, ...codes: string[]): void {
  assert.ok(reply.status >= 400, `${what}: ${reply.status} ${reply.text.slice(0, 500)}`)
  assert.ok(codes.includes(reply.json.errorCode), `${what}: ${reply.text}`)
  assert.deepEqual(Object.keys(reply.json), ['errorCode', 'errorMessage'], what)
  for (const word of [SECRET, EVIL]) assert.ok(!reply.text.includes(word), `${what}: ${reply.text}`)
}

/** An encrypted file, opened. */
export const openFile = (who: Person, packets: Uint8Array, query = ''): Promise<Reply> =>
  who.post(`/mail/files/decrypt${query}`, packets, { 'Content-Type': 'application/octet-stream', ...withPassword() })

/** What is said of the signatures of a mail: the sum of it, and each. */
export const verdictOf = ({ json }: Reply): { result: string; hasMore: boolean; each: [string, string | null][] } => ({
  result: json.verification.result,
  hasMore: json.hasMore,
  each: json.signatures.map(({ status, signer }: { status: string; signer: string | null }) => [status, signer]),
})
