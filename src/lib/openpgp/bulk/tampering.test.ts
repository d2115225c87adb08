import assert from 'node:assert/strict'
import { createCipheriv, createHash } from 'node:crypto'
import { test } from 'node:test'
import { deflateRawSync, deflateSync } from 'node:zlib'
import { generateKey } from 'openpgp'
import { effort } from '../../effort-testing.ts'
import { armor } from '../armor.ts'
import { engine } from '../engine.ts'
import { boundedMessage } from '../envelope.ts'
import { framesOf, tag } from '../packets.ts'
import { type OpenPgpReason, OpenPgpRefusal } from '../refusals.ts'
import { secretOf, signAnew } from '../signing.ts'
import { bytes, newKey, now } from '../testing.ts'
import { openWithAead, sealWithAead } from './aead.ts'
import { packetHeader, packetOf, packetsIn } from './bodies.ts'
import { openWithMdc, sealWithMdc } from './mdc.ts'
import { openMessage } from './opening.ts'
import { bytesOf } from './output.ts'
import { noise, sealed } from './testing.ts'

const ada = await newKey('ada')
const six = await newKey('six', 'v6')
const document = bytes('the secret of the message, which nobody may see a part of'.repeat(4))
const sealedFor = (key: typeof ada) => sealed(document, { recipients: [key.certificate], signWith: key.secret, now })
const reading = (key: typeof ada) => ({ secrets: [key.secret], verifyWith: [key.certificate], now })

const refused =
  (...reasons: OpenPgpReason[]) =>
  (error: unknown) =>
    error instanceof OpenPgpRefusal && reasons.includes(error.reason)

for (const [name, key] of Object.entries({ 'an MDC': ada, AEAD: six })) {
  test(`one bit changed, anywhere in a message with ${name}`, async () => {
    const message = await sealedFor(key)
    const data = framesOf(message, 10)!.at(-1)!
    for (let at = 0; at < message.length; at++) {
      const changed = message.slice()
      changed[at]! ^= 1 << (at % 8)
      const opening = engine.decrypt({ message: changed, ...reading(key) })
      const isProtected = at >= data.bodyStart
      if (isProtected) await assert.rejects(opening, refused('message.tampered', 'message.unreadable'), `octet ${at}`)
      // What wraps the session key is not under any seal: where a change does not matter, all must come out.
      else await opening.then(({ data }) => assert.deepEqual(new Uint8Array(data), document), onlyRefusals)
    }
  })

  test(`cut short, doubled, swapped: a message with ${name}`, async () => {
    const message = await sealedFor(key)
    const data = framesOf(message, 10)!.at(-1)!
    const before = message.subarray(0, data.start)
    const body = message.subarray(data.bodyStart, data.end)
    const opening = (changed: Uint8Array, type: number = tag.authenticated) =>
      engine.decrypt({ message: Buffer.concat([before, packetOf(type, changed)]), ...reading(key) })
    for (let length = 1; length < body.length; length += 3)
      await assert.rejects(opening(body.slice(0, length)), refused('message.tampered', 'message.unreadable'))
    await assert.rejects(opening(Buffer.concat([body, body.subarray(1)])), refused('message.tampered'))
    // Without any seal (EFAIL), in each of the forms that such data had.
    for (const plain of [body, body.slice(1), body.slice(1, -22), body.slice(0, -22)])
      await assert.rejects(opening(plain, tag.unauthenticated), refused('message.tampered'))
    const other = Buffer.from(body)
    other[0] = other[0] === 1 ? 2 : 1
    await assert.rejects(opening(other), refused('message.tampered', 'message.unreadable'))
    await assert.rejects(opening(body, tag.aeadDraft), refused('message.tampered', 'message.unreadable'))
    // Two messages in one, or one that goes on behind its seal.
    for (const more of [packetOf(tag.authenticated, body), packetOf(tag.literal, Buffer.alloc(9)), message])
      await assert.rejects(
        engine.decrypt({ message: Buffer.concat([message, more]), ...reading(key) }),
        refused('message.unreadable'),
      )
  })
}

function onlyRefusals(error: unknown): void {
  if (!(error instanceof OpenPgpRefusal)) throw error
}

test('chunks of AEAD swapped, left out or repeated', () => {
  const key = noise(32)
  const chunkBytes = 2 ** 18
  const body = packetsIn(bytesOf(sealWithAead([noise(3 * chunkBytes + 99)], key, 9, 2)), 1)![0]!.body
  const head = body.subarray(0, 36)
  const one = chunkBytes + 16
  const chunks = [0, 1, 2].map((n) => body.subarray(36 + n * one, 36 + (n + 1) * one))
  const rest = body.subarray(36 + 3 * one)
  const opened = (...parts: Uint8Array[]) => {
    const changed = Buffer.concat([head, ...parts])
    const into = new Uint8Array(changed.length)
    const plain = openWithAead(tag.authenticated, changed, { data: key, algorithm: null }, into)
    if (plain === 'tampered')
      assert.ok(
        into.every((byte) => byte === 0),
        'plaintext is left in memory',
      )
    return plain
  }
  const [a, b, c] = chunks as [Uint8Array, Uint8Array, Uint8Array]
  assert.notEqual(opened(a, b, c, rest), 'tampered')
  for (const parts of [[b, a, c, rest], [a, c, rest], [a, b, c, c, rest], [a, b, c], [a, b, rest.slice(-16)], [rest]])
    assert.equal(opened(...parts), 'tampered')
})

test('what failed to open is not left in memory', () => {
  const key = noise(32)
  const body = Buffer.from(packetsIn(bytesOf(sealWithMdc([document], key)), 1)![0]!.body)
  body[60]! ^= 1
  const into = new Uint8Array(body.length)
  assert.equal(openWithMdc(body, { data: key, algorithm: 'aes256' }, into), 'tampered')
  assert.ok(into.every((byte) => byte === 0))
})

/** Encrypted data, with an MDC, around packets of any sort. */
function around(inner: Uint8Array): { message: Uint8Array; open(): Promise<unknown> } {
  const key = noise(32)
  const message = bytesOf(sealWithMdc([inner], key))
  const outer = { bytes: message, envelope: boundedMessage(message), isOurs: false }
  return {
    message,
    open: () => openMessage(outer, [{ data: key, algorithm: 'aes256' }], { verificationKeys: [], now, most: 2 ** 26 }),
  }
}

const literal = (data: Uint8Array) => packetOf(tag.literal, Buffer.concat([Buffer.from([0x62, 0, 0, 0, 0, 0]), data]))
const zipped = (inner: Uint8Array) => packetOf(tag.compressed, Buffer.concat([Uint8Array.of(1), deflateRawSync(inner)]))
const zlibbed = (inner: Uint8Array) => packetOf(tag.compressed, Buffer.concat([Uint8Array.of(2), deflateSync(inner)]))

test('what unpacks to more than it may is refused while it unpacks', async () => {
  const zeros = literal(Buffer.alloc(300_000_000))
  for (const pack of [zipped, zlibbed]) {
    const { open, message } = around(pack(zeros))
    const spent = effort()
    const before = process.memoryUsage().rss
    await assert.rejects(open(), refused('message.too-large'))
    assert.ok(spent() < 2000, `${message.length} bytes`)
    assert.ok(process.memoryUsage().rss - before < 250_000_000)
  }
  await assert.rejects(around(zipped(zipped(zipped(zeros)))).open(), refused('message.unreadable', 'message.too-large'))
  const small = await around(zlibbed(literal(document))).open()
  assert.ok(Buffer.from(document).equals((small as { data: Uint8Array }).data))
})

test('floods of packets, of pieces and of chunks are refused soon', async () => {
  const soon = async (work: () => Promise<unknown>) => {
    const spent = effort()
    await assert.rejects(work, refused('message.too-large', 'message.unreadable'))
    assert.ok(spent() < 2000)
  }
  const signature = packetOf(tag.signature, Buffer.alloc(3))
  await soon(around(Buffer.concat(Array.from({ length: 100_000 }, () => signature))).open)
  await soon(around(Buffer.concat(Array.from({ length: 100_000 }, () => packetOf(tag.padding, Buffer.alloc(1))))).open)
  // Forty million pieces of one byte each.
  const pieces = Buffer.alloc(80_000_000, Buffer.from([0xe0, 0x62]))
  await soon(around(Buffer.concat([Uint8Array.of(0xc0 | tag.literal), pieces])).open)
  const wrap = packetOf(tag.publicKeySession, Buffer.from([3, 0, 0, 0, 0, 0, 0, 0, 0, 18, 0, 0]))
  const inPieces = Buffer.concat([wrap, Uint8Array.of(0xc0 | tag.authenticated), pieces])
  await soon(() => engine.decrypt({ message: inPieces, ...reading(ada) }))
  const tiny = Buffer.concat([Uint8Array.of(2, 9, 2, 0), noise(90_000_000)])
  assert.throws(
    () => openWithAead(tag.authenticated, tiny, { data: noise(32), algorithm: null }, tiny),
    refused('message.too-large'),
  )
  const huge = Uint8Array.of(2, 9, 2, 57, ...noise(100))
  assert.throws(
    () => openWithAead(tag.authenticated, huge, { data: noise(32), algorithm: null }, huge),
    refused('message.unreadable'),
  )
})

test('inside, only a document and its own signatures may stand', async () => {
  const no = (...parts: Uint8Array[]) =>
    assert.rejects(around(Buffer.concat(parts)).open(), refused('message.unreadable', 'message.tampered'))
  await no()
  await no(Buffer.from([0x01, 0x02]))
  await no(literal(document), literal(document))
  await no(zipped(literal(document)), literal(document))
  await no(packetOf(tag.literal, Buffer.from([0x62, 200, 0, 0])))
  await no(packetOf(tag.onePassSignature, Buffer.alloc(13)), literal(document))
  await no(literal(document), packetOf(tag.signature, Buffer.alloc(20)))
  // A message of its own inside: what would be shown was not under our seal.
  await no((await sealedFor(ada)).slice())
  const padded = await around(Buffer.concat([literal(document), packetOf(tag.padding, noise(500))])).open()
  assert.ok(Buffer.from(document).equals((padded as { data: Uint8Array }).data))
})

test('a sum that is right under a wrong prefix tells nothing of the prefix', () => {
  // The two octets repeated in front would tell an asker whether his guess is right.
  const key = noise(32)
  const plain = Buffer.concat([noise(18), literal(document), Buffer.from([0xd3, 20])])
  const sum = createHash('sha1').update(plain).digest()
  const cipher = createCipheriv('aes-256-cfb', key, Buffer.alloc(16))
  const body = Buffer.concat([Uint8Array.of(1), cipher.update(plain), cipher.update(sum)])
  const opened = openWithMdc(body, { data: key, algorithm: 'aes256' }, Buffer.alloc(body.length))
  assert.deepEqual(opened, literal(document))
})

test('a signature that is taken to another document, or claims another hash, is invalid', async () => {
  const made = await engine.signDetached({ data: document, signWith: ada.secret, now })
  const given = { signature: bytes(made.signature), verifyWith: [ada.certificate], now }
  const status = async (data: Uint8Array) => (await engine.verifyDetached({ data, ...given }))[0]?.status
  assert.equal(await status(document), 'valid')
  assert.equal(await status(new Uint8Array()), 'invalid')
  assert.equal(await status(document.subarray(1)), 'invalid')
  // Over nothing, by the right key: it must never stand for a document that could not be hashed.
  const overNothing = await engine.signDetached({ data: new Uint8Array(), signWith: six.secret, now })
  const lines = overNothing.signature
  const verdicts = await engine.verifyDetached({
    data: document,
    signature: bytes(lines),
    verifyWith: [six.certificate],
    now,
  })
  assert.equal(verdicts[0]?.status, 'invalid')
})

test('lengths in headers are those of the format', () => {
  for (const length of [0, 191, 192, 8383, 8384, 70_000, 16_777_216]) {
    const header = packetHeader(tag.literal, length)
    const [frame] = framesOf(Buffer.concat([header, Buffer.alloc(length)]), 1)!
    assert.deepEqual([frame?.bodyStart, frame?.end], [header.length, header.length + length])
  }
  assert.match(armor('MESSAGE', new Uint8Array(3)), /\n\nAAAA\n=/)
})

test('a key with which there would be no secret is refused, and named', async () => {
  type Curve = { publicParams: { A: Uint8Array }; computeFingerprintAndKeyID(): Promise<void> }
  const date = new Date(now)
  const made = await generateKey({ userIDs: [{ email: 'e@x.test' }], type: 'curve25519', date, format: 'object' })
  const key = made.privateKey
  const [subkey] = key.subkeys
  const packet = subkey!.keyPacket as unknown as Curve
  // Of order one: whatever it is multiplied with, the product is known.
  packet.publicParams.A = new Uint8Array(32)
  await packet.computeFingerprintAndKeyID()
  const bound = { key: key.keyPacket, bind: subkey!.keyPacket }
  subkey!.bindingSignatures = [await signAnew(subkey!.bindingSignatures[0]!, secretOf(key), bound, date)]
  const recipients = [ada.certificate, key.toPublic().write()]
  await assert.rejects(
    engine.encrypt({ data: document, recipients, now }),
    (error) => error instanceof OpenPgpRefusal && error.reason === 'key.weak' && error.recipient === 1,
  )
})
