import assert from 'node:assert/strict'
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import { packetOf } from '#src/lib/openpgp/bulk/bodies.ts'
import { framesOf, tag } from '#src/lib/openpgp/packets.ts'
import {
  armored,
  draftChunks,
  encryptedPart,
  literal,
  mail,
  openFile,
  part,
  SECRET,
  type Stage,
  silent,
  stage,
  zipped,
} from './efail-samples.ts'

const tampered = ['MESSAGE_TAMPERED', 'MESSAGE_UNREADABLE']
const inside = `Content-Type: text/html\r\n\r\n<p>${SECRET.padEnd(300, '.')}</p>\r\n`

/** A packet in the old format, in which the attack was first shown. */
const oldPacket = (type: number, body: Uint8Array): Buffer => {
  const head = Buffer.from([0x80 | (type << 2) | 1, 0, 0])
  head.writeUInt16BE(body.length, 1)
  return Buffer.concat([head, body])
}

/** In pieces of 512 bytes, the last of which is missing. */
const unended = (type: number, body: Uint8Array): Buffer =>
  Buffer.concat([
    Uint8Array.of(0xc0 | type, 0xe0 | 9),
    body.subarray(0, 512),
    Uint8Array.of(0xe0 | 9),
    body.subarray(512),
  ])

const xor = (...parts: Uint8Array[]): Buffer =>
  Buffer.from(parts[0]!.map((octet, at) => parts.slice(1).reduce((sum, other) => sum ^ other[at]!, octet)))

/** The ciphertext of packets and of what seals them, as RFC 9580, section 5.13.1, has it, or with a prefix or sum of one's own. */
function sealedBlocks(
  key: Uint8Array,
  inner: Uint8Array,
  { prefix, sum }: { prefix?: Uint8Array; sum?: Uint8Array | undefined } = {},
) {
  const random = randomBytes(16)
  const front = prefix ?? Buffer.concat([random, random.subarray(-2)])
  const plain = Buffer.concat([front, inner, Uint8Array.of(0xd3, 20)])
  const digest = sum ?? createHash('sha1').update(plain).digest()
  const whole = createCipheriv('aes-256-cfb', key, Buffer.alloc(16)).update(Buffer.concat([plain, digest]))
  return { blocks: whole.subarray(0, -22), seal: whole.subarray(-22) }
}

describe('EFAIL: what was changed, or is under no seal, is not opened', () => {
  let on: Stage
  before(async () => {
    on = await stage()
  })
  after(() => on.house.stop())

  /** The same packets by every way in; the answer is one of these codes and tells nothing. */
  async function isSilent(packets: Uint8Array, what: string, ...codes: string[]): Promise<string[]> {
    const fields = { From: on.ada.email, To: on.ben.email }
    const text = armored(packets)
    const replies = [
      await on.ben.decrypt(mail(fields, encryptedPart(text))),
      await on.ben.decrypt(mail(fields, part('text/plain', text))),
      await openFile(on.ben, packets),
      await openFile(on.ben, Buffer.from(text)),
    ]
    for (const [way, reply] of replies.entries()) silent(reply, `${what}, way ${way}`, ...codes)
    return replies.map((reply) => `${reply.status} ${reply.text}`)
  }

  /** What wraps the session key, and what lies in the packet behind. */
  const taken = (packets: Uint8Array) => {
    const last = framesOf(packets, 9)!.at(-1)!
    return { wraps: packets.subarray(0, last.start), body: Buffer.from(packets.subarray(last.bodyStart, last.end)) }
  }

  it('CFB: the seal taken off, broken, or left behind by another type of packet', async () => {
    const { wraps, body } = taken(await on.around(literal(inside)))
    assert.ok((await openFile(on.ben, Buffer.concat([wraps, packetOf(tag.authenticated, body)]))).text.includes(SECRET))
    const changed = (at: number) => {
      const copy = Buffer.from(body)
      copy[at < 0 ? copy.length + at : at]! ^= 1
      return copy
    }
    const [open, sealed] = [tag.unauthenticated, tag.authenticated]
    for (const [what, packet] of Object.entries({
      'as type 9, without its seal': packetOf(open, body.subarray(1, -22)),
      'as type 9, with it': packetOf(open, body.subarray(1)),
      'as type 9, version and all': packetOf(open, body),
      'as type 9 in the old format': oldPacket(open, body.subarray(1, -22)),
      'as type 9 that does not end': unended(open, Buffer.concat([body.subarray(1), Buffer.alloc(600)])),
      'without its seal': packetOf(sealed, body.subarray(0, -22)),
      'with the head of one only': packetOf(sealed, body.subarray(0, -20)),
      'with a wrong one': packetOf(sealed, changed(-1)),
      'with a wrong head of one': packetOf(sealed, changed(-22)),
      'changed in the middle': packetOf(sealed, changed(100)),
      'with a wrong prefix': packetOf(sealed, changed(16)),
      'cut in half': packetOf(sealed, body.subarray(0, body.length / 2)),
      'shorter than it says': packetOf(sealed, body).subarray(0, -30),
      'without an end': unended(sealed, Buffer.concat([body, Buffer.alloc(600)])),
      'as version 2': packetOf(sealed, Buffer.concat([Uint8Array.of(2), body.subarray(1)])),
      'as version 0': packetOf(sealed, Buffer.concat([Uint8Array.of(0), body.subarray(1)])),
      'as type 20': packetOf(tag.aeadDraft, body),
      'two times': packetOf(sealed, Buffer.concat([body, body.subarray(1)])),
    }))
      await isSilent(Buffer.concat([wraps, packet]), what, ...tampered)
  })

  it('CFB: blocks of known text turned into others', async () => {
    const key = randomBytes(32)
    const wraps = await on.wrap(key)
    // Sixteen bytes that everybody knows, at a border of blocks.
    const known = Buffer.alloc(16, '.')
    const { blocks, seal } = sealedBlocks(key, literal(Buffer.concat([known, known, Buffer.from(inside)])))
    const [before, block] = [blocks.subarray(16, 32), blocks.subarray(32, 48)]
    const gadget = (text: string) => Buffer.concat([before, xor(block, known, Buffer.from(text.padEnd(16), 'latin1'))])
    const chosen = gadget('"http://evil.tes')
    const packed = gadget('\xc8\xff\0\0\x01\0\x01')
    const read = createDecipheriv('aes-256-cfb', key, Buffer.alloc(16)).update(
      Buffer.concat([blocks.subarray(0, 48), chosen]),
    )
    assert.ok(read.toString('latin1').endsWith('"http://evil.tes'), 'whoever reads it without a seal falls for it')
    const whole = Buffer.concat([Uint8Array.of(1), blocks, seal])
    assert.ok(
      (await openFile(on.ben, Buffer.concat([wraps, packetOf(tag.authenticated, whole)]))).text.includes(SECRET),
    )
    const middle = blocks.subarray(0, 48)
    const rest = blocks.subarray(48)
    for (const [what, parts] of Object.entries({
      'put in': [middle, chosen, rest, seal],
      'in front': [chosen, blocks, seal],
      behind: [blocks, chosen, seal],
      'behind the seal': [blocks, seal, chosen],
      'again and again': [middle, chosen, chosen, chosen, rest, seal],
      'in the place of what was there': [
        blocks.subarray(0, 16),
        xor(before, Buffer.alloc(16, 1)),
        blocks.subarray(32),
        seal,
      ],
      'to begin a packet that is packed': [blocks.subarray(0, 16), packed, blocks.subarray(16), seal],
      swapped: [blocks.subarray(0, 64), blocks.subarray(80, 96), blocks.subarray(64, 80), blocks.subarray(96), seal],
    })) {
      const inner = Buffer.concat(parts)
      const forms = [
        packetOf(tag.authenticated, Buffer.concat([Uint8Array.of(1), inner])),
        packetOf(tag.unauthenticated, inner.subarray(0, -22)),
        oldPacket(tag.unauthenticated, inner),
      ]
      for (const [form, packet] of forms.entries())
        await isSilent(Buffer.concat([wraps, packet]), `${what}, form ${form}`, ...tampered)
    }
  })

  it('no answer tells whether a guess was right', async () => {
    const key = randomBytes(32)
    const wraps = await on.wrap(key)
    const spoilt = Buffer.alloc(20, 1)
    // The prefix repeats two of its bytes: who is told that they do not match can ask for sixteen bits of any block.
    const sealedWith = (prefix: Uint8Array, sum?: Uint8Array) => {
      const { blocks, seal } = sealedBlocks(key, literal(inside), { prefix, sum })
      return packetOf(tag.authenticated, Buffer.concat([Uint8Array.of(1), blocks, seal]))
    }
    const random = randomBytes(16)
    const right = Buffer.concat([random, random.subarray(-2)])
    const wrong = Buffer.concat([random, xor(random.subarray(-2), Uint8Array.of(1, 1))])
    // A session key that nobody ever wrapped, and one that says it is for another cipher.
    const last = framesOf(wraps, 1)![0]!
    const spoiled = Buffer.from(wraps)
    spoiled[last.end - 1]! ^= 1
    assert.ok((await openFile(on.ben, Buffer.concat([wraps, sealedWith(right)]))).text.includes(SECRET))
    const answers = [
      await isSilent(Buffer.concat([wraps, sealedWith(right, spoilt)]), 'a right prefix', 'MESSAGE_TAMPERED'),
      await isSilent(Buffer.concat([wraps, sealedWith(wrong, spoilt)]), 'a wrong prefix', 'MESSAGE_TAMPERED'),
      await isSilent(Buffer.concat([spoiled, sealedWith(right)]), 'a spoiled wrap', 'MESSAGE_TAMPERED'),
      await isSilent(
        Buffer.concat([await on.wrap(randomBytes(32)), sealedWith(right)]),
        'another session key',
        'MESSAGE_TAMPERED',
      ),
    ]
    for (const answer of answers) assert.deepEqual(answer, answers[0])
    // A password that would open it is nothing that we ask for, and is tried by nobody.
    const password = packetOf(tag.passwordSession, Buffer.from([4, 9, 3, 8, ...randomBytes(8), 96]))
    await isSilent(Buffer.concat([password, sealedWith(right)]), 'for a password', 'NOT_FOR_YOU')
  })

  it('AEAD: chunks taken away, swapped, repeated, and its last tag', async () => {
    const long = await on.around(literal(inside + '.'.repeat(600_000)), 'aead')
    const { wraps, body } = taken(long)
    const head = body.subarray(0, 36)
    const one = 2 ** 18 + 16
    const [a, b] = [body.subarray(36, 36 + one), body.subarray(36 + one, 36 + 2 * one)]
    const [rest, last] = [body.subarray(36 + 2 * one, -16), body.subarray(-16)]
    assert.equal((await openFile(on.ben, long)).status, 200)
    for (const [what, parts] of Object.entries({
      'without the last tag': [head, a, b, rest],
      'without the end': [head, a, b],
      'cut behind a chunk, with the last tag': [head, a, last],
      swapped: [head, b, a, rest, last],
      'as version 1': [Uint8Array.of(1), head.subarray(1), a, b, rest, last],
      'with chunks of another size': [Uint8Array.of(2, 9, 2, 11), head.subarray(4), a, b, rest, last],
      'with another mode': [Uint8Array.of(2, 9, 3, 12), head.subarray(4), a, b, rest, last],
    })) {
      const packets = Buffer.concat([wraps, packetOf(tag.authenticated, Buffer.concat(parts))])
      silent(await openFile(on.ben, packets), what, ...tampered)
    }
    const { wraps: short, body: small } = taken(await on.around(literal(inside), 'aead'))
    for (const [what, packet] of Object.entries({
      'cut by its last tag': packetOf(tag.authenticated, small.subarray(0, -16)),
      'as type 20': packetOf(tag.aeadDraft, small),
      'as type 9': packetOf(tag.unauthenticated, small.subarray(36)),
      'with one bit changed': packetOf(tag.authenticated, xor(small, Buffer.alloc(small.length).fill(1, 60, 61))),
    }))
      await isSilent(Buffer.concat([short, packet]), what, ...tampered)
  })

  it('the AEAD of the draft: the same', async () => {
    const key = randomBytes(32)
    const wraps = await on.wrap(key)
    const { head, chunks, last } = draftChunks(literal(inside), key)
    const packets = (type: number, ...parts: Uint8Array[]) =>
      Buffer.concat([wraps, packetOf(type, Buffer.concat([head, ...parts]))])
    assert.ok((await openFile(on.ben, packets(tag.aeadDraft, ...chunks, last))).text.includes(SECRET))
    const [first, second, ...others] = chunks as [Buffer, Buffer, ...Buffer[]]
    for (const [what, parts] of Object.entries({
      'without the last tag': chunks,
      'without the last chunk': [...chunks.slice(0, -1), last],
      swapped: [second, first, ...others, last],
      'left out': [first, ...others, last],
      repeated: [first, first, second, ...others, last],
    }))
      await isSilent(packets(tag.aeadDraft, ...parts), what, ...tampered)
    for (const type of [tag.authenticated, tag.unauthenticated])
      await isSilent(packets(type, ...chunks, last), `as type ${type}`, ...tampered)
  })

  it('under a sound seal only one document may lie, and nothing behind the seal', async () => {
    const text = literal(inside)
    const other = await on.sealed(inside, on.ben)
    for (const [what, inner] of Object.entries({
      'two documents': [text, literal('<img src="http://evil.test/')],
      'a document behind a packed one': [zipped(text), text],
      'a packed one behind a document': [text, zipped(text)],
      'packed again and again': [zipped(zipped(zipped(zipped(text))))],
      'another message': [other],
      'another message behind a document': [text, other],
      'a document that goes on for ever': [unended(tag.literal, Buffer.concat([text.subarray(2), Buffer.alloc(999)]))],
      'no document': [packetOf(tag.padding, Buffer.alloc(9))],
      'half of one': [text.subarray(0, 40)],
      'a document that is only a name': [packetOf(tag.literal, Uint8Array.of(0x62, 255, 0x41))],
    }))
      await isSilent(await on.around(Buffer.concat(inner)), what, ...tampered)
    const whole = await on.around(text)
    for (const [what, more] of Object.entries({
      'a document in the clear': literal('<img src="http://evil.test/'),
      'another message': other,
      'its own data once more': packetOf(tag.authenticated, taken(whole).body),
      'a type that nobody knows': packetOf(60, Buffer.from('evil.test')),
      'what is no packet': Buffer.from('evil.test'),
    })) {
      await isSilent(Buffer.concat([whole, more]), `${what} behind it`, ...tampered)
      await isSilent(
        Buffer.concat([more, whole]),
        `${what} in front of it`,
        ...tampered,
        'NOT_ENCRYPTED',
        'NOT_FOR_YOU',
      )
    }
  })

  it('what unpacks to more than a mail may have', async () => {
    const bomb = packetOf(tag.compressed, Buffer.concat([Uint8Array.of(1), deflateRawSync(literal(Buffer.alloc(9e7)))]))
    const reply = await openFile(on.ben, await on.around(bomb))
    silent(reply, 'a bomb', 'PAYLOAD_TOO_LARGE')
  })
})
