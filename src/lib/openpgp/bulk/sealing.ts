import { randomBytes } from 'node:crypto'
import type { Key, PrivateKey, SignaturePacket } from 'openpgp'
import { strict, whole } from '../config.ts'
import { tag } from '../packets.ts'
import { sealWithAead } from './aead.ts'
import { packetHeader, packetOf } from './bodies.ts'
import { keyBytes } from './ciphers.ts'
import { sealWithMdc } from './mdc.ts'
import type { Sealed } from './output.ts'
import { lengthOf } from './pieces.ts'
import { onePassOf, signatureOver } from './signing.ts'
import { type MessageKey, type Reader, wrapFor } from './wrapping.ts'

/**
 * A message under way: how long it will be, whether it may have an armor checksum (RFC 9580, section 6.1), and how many
 * bytes lie inside in front of the document.
 */
export type SealedMessage = Sealed & { hasChecksum: boolean; before: number }

/**
 * A whole encrypted message: the session key for each reader, then the document, signed when there is a signer, never
 * compressed. All certificates must have been judged; a signer whose secret is a stub refuses `key.no-signing-key`.
 * The document is gone through twice, to sign it and to encipher it while it is written, and never copied as a whole.
 */
export async function sealMessage(
  document: Uint8Array[],
  { readers, signer, now, fileName }: { readers: Reader[]; signer: PrivateKey | null; now: number; fileName?: string },
): Promise<SealedMessage> {
  const { cipher, aead } = await commonSuite(
    readers.map(({ key }) => key),
    now,
  )
  const session: MessageKey = { data: randomBytes(keyBytes.get(cipher)!), cipher, aead }
  const wraps: Uint8Array[] = []
  for (const reader of readers) wraps.push(await wrapFor(reader, session, now))
  const { front, behind } = await aroundDocument(document, { signer, now, fileName, readers: namedAmong(readers) })
  const inner = [...front, ...document, ...behind]
  const data = aead === null ? sealWithMdc(inner, session.data) : sealWithAead(inner, session.data, cipher, aead)
  return {
    length: lengthOf(wraps) + data.length,
    hasChecksum: aead === null,
    before: lengthOf(front),
    writeTo(output) {
      for (const wrap of wraps) output.write(wrap)
      data.writeTo(output)
      session.data.fill(0)
    },
  }
}

// GnuPG reads 10,000 octets of what a signature says at most.
const namedAtMost = 200

/**
 * Whom a signature says that it is for. None where somebody is hidden: who is not named in it could tell from that what
 * the message does not tell of him, and to him it would be no good.
 */
const namedAmong = (readers: Reader[]): Key[] =>
  readers.length > namedAtMost || readers.some(({ isHidden }) => isHidden) ? [] : readers.map(({ key }) => key)

// RFC 9580, section 5.9: the length of the name is one octet.
const nameBytes = 255

/** What stands inside before and behind the document: RFC 9580, sections 5.4, 5.9 and 5.2. */
async function aroundDocument(
  document: Uint8Array[],
  {
    signer,
    now,
    fileName = '',
    readers,
  }: { signer: PrivateKey | null; now: number; fileName: string | undefined; readers: Key[] },
): Promise<{ front: Uint8Array[]; behind: Uint8Array[] }> {
  const name = Buffer.from(fileName)
  if (name.length > nameBytes) throw new RangeError('the name of the file is too long')
  const created = Buffer.alloc(4)
  created.writeUInt32BE(Math.floor(now / 1000))
  const about = Buffer.concat([Uint8Array.of(0x62, name.length), name, created])
  const literal = [packetHeader(tag.literal, about.length + lengthOf(document)), about]
  if (!signer) return { front: literal, behind: [] }
  const { body } = await signatureOver(document, signer, now, readers)
  return {
    front: [packetOf(tag.onePassSignature, onePassOf(body)), ...literal],
    behind: [packetOf(tag.signature, body)],
  }
}

type Suite = { cipher: number; aead: number | null }

const aes256 = 9
const aes128 = 7
// The last is what every reader of AEAD understands: RFC 9580, section 5.2.3.15.
const suites = [
  { cipher: aes256, aead: 2 },
  { cipher: aes256, aead: 3 },
  { cipher: aes128, aead: 2 },
] as const satisfies Suite[]

type Preferences = SignaturePacket & { preferredCipherSuites: [number, number][] | null }

/** AEAD when all readers announce it, AES-256 when all prefer it: from the self-signature that holds at `now`. */
async function commonSuite(keys: Key[], now: number): Promise<Suite> {
  const told: Preferences[] = []
  for (const key of keys) told.push(await preferencesOf(key, now))
  const announcesAead = ({ features }: Preferences) => ((features?.[0] ?? 0) & 8) !== 0
  if (told.every(announcesAead)) {
    const prefers = ({ cipher, aead }: (typeof suites)[number]) =>
      told.every((one) => one.preferredCipherSuites?.some(([first, second]) => first === cipher && second === aead))
    return suites.find(prefers) ?? suites[2]
  }
  const isStrong = told.every((one) => one.preferredSymmetricAlgorithms?.includes(aes256))
  return { cipher: isStrong ? aes256 : aes128, aead: null }
}

function preferencesOf(key: Key, now: number): Promise<Preferences> {
  type Holder = { getPrimarySelfSignature(date: Date, user: undefined, config: unknown): Promise<Preferences> }
  return (key as unknown as Holder).getPrimarySelfSignature(new Date(now), undefined, whole(strict))
}
