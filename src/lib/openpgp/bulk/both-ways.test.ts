import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  createMessage,
  enums,
  generateKey,
  type PartialConfig,
  readMessage,
  readSignature,
  decrypt as theirDecrypt,
  encrypt as theirEncrypt,
  sign as theirSign,
  verify as theirVerify,
} from 'openpgp'
import { armor, dearmor } from '../armor.ts'
import { engine } from '../engine.ts'
import { framesOf } from '../packets.ts'
import { bytes, newKey, now, text } from '../testing.ts'
import { inPieces, libraryKey, noise, sealed } from './testing.ts'

const date = new Date(now)

/** A key of a kind that we read and do not make. */
async function theirs(options: object, config: PartialConfig = {}) {
  const made = await generateKey({ userIDs: [{ email: 'k@x.test' }], date, format: 'object', config, ...options })
  return { secret: made.privateKey.write(), certificate: made.publicKey.write() }
}

const keys = {
  'curve25519, older form': await newKey('ada'),
  'curve25519, older form, announcing AEAD': await theirs(
    { curve: 'curve25519Legacy', type: 'ecc' },
    { aeadProtect: true },
  ),
  'curve25519, version 4': await theirs({ type: 'curve25519' }),
  rsa2048: await newKey('rsa', 'rsa2048'),
  v6: await newKey('six', 'v6'),
  'v6, GCM first': await theirs(
    { type: 'curve25519' },
    { v6Keys: true, aeadProtect: true, preferredAEADAlgorithm: enums.aead.gcm },
  ),
  'v6, curve448': await theirs({ type: 'curve448' }, { v6Keys: true, aeadProtect: true }),
  nistP256: await theirs({ type: 'ecc', curve: 'nistP256' }),
  brainpoolP384r1: await theirs({ type: 'ecc', curve: 'brainpoolP384r1' }),
}
type Kind = keyof typeof keys
const kinds = Object.keys(keys) as Kind[]
const own = (kind: Kind) => ({ secrets: [keys[kind].secret], verifyWith: [keys[kind].certificate] })

// Where lengths of packets, chunks, blocks and pieces change.
const edges = [
  0, 1, 15, 16, 17, 47, 48, 49, 185, 186, 187, 8377, 8378, 65_535, 65_536, 65_537, 262_137, 262_138, 300_000,
]
const anyDocument = fc.oneof(fc.constantFrom(...edges), fc.nat(600_000)).map(noise)

for (const kind of kinds) {
  test(`what we write, OpenPGP.js reads: ${kind}`, async () => {
    const key = await libraryKey(keys[kind].secret)
    const property = fc.asyncProperty(anyDocument, fc.boolean(), async (document, isArmored) => {
      const binary = await sealed(document, { recipients: [keys[kind].certificate], signWith: keys[kind].secret, now })
      const message = await (isArmored
        ? readMessage({ armoredMessage: armor('MESSAGE', binary) })
        : readMessage({ binaryMessage: binary }))
      const how = { decryptionKeys: key, verificationKeys: key.toPublic(), format: 'binary', date } as const
      const read = await theirDecrypt({ message, expectSigned: true, ...how })
      assert.ok(Buffer.from(document).equals(read.data as Uint8Array))
    })
    await fc.assert(property, { numRuns: 12 })
  })

  test(`what OpenPGP.js writes, we read: ${kind}`, async () => {
    const key = await libraryKey(keys[kind].secret)
    const { aead, compression } = enums
    const config = fc.record({
      preferredAEADAlgorithm: fc.constantFrom(aead.ocb, aead.gcm, aead.eax),
      aeadChunkSizeByte: fc.constantFrom(4, 6, 10, 12, 16),
      preferredCompressionAlgorithm: fc.constantFrom(compression.uncompressed, compression.zip, compression.zlib),
      preferredSymmetricAlgorithm: fc.constantFrom(enums.symmetric.aes128, enums.symmetric.aes256),
      preferredHashAlgorithm: fc.constantFrom(enums.hash.sha256, enums.hash.sha384, enums.hash.sha512),
    })
    // Their OCB takes seconds for what ours takes milliseconds.
    const document = fc.oneof(fc.constantFrom(...edges.slice(0, 13)), fc.nat(20_000)).map(noise)
    const form = fc.constantFrom('binary', 'armored', 'in pieces')
    const property = fc.asyncProperty(document, config, form, async (document, config, form) => {
      const message = await createMessage({ binary: document, date })
      const how = { encryptionKeys: key.toPublic(), signingKeys: key, date, config }
      const binary = (await theirEncrypt({ message, ...how, format: 'binary' })) as Uint8Array
      const given =
        form === 'armored' ? bytes(armor('MESSAGE', binary)) : form === 'binary' ? binary : inPieces(binary, 9)
      const read = await engine.decrypt({ message: given, ...own(kind), now })
      assert.ok(Buffer.from(document).equals(read.data))
      assert.deepEqual(
        read.signatures.map(({ status }) => status),
        ['valid'],
      )
    })
    await fc.assert(property, { numRuns: 15 })
  })

  test(`signatures apart from the text, both ways: ${kind}`, async () => {
    const key = await libraryKey(keys[kind].secret)
    const lines = fc
      .array(fc.constantFrom('\r', '\n', '\r\n', 'a', ' ', 'ü'), { maxLength: 60 })
      .map((all) => all.join(''))
    const property = fc.asyncProperty(lines, async (lines) => {
      const data = bytes(lines)
      const { signature } = await engine.signDetached({ data, signWith: keys[kind].secret, now })
      const message = await createMessage({ binary: data, date })
      const parsed = await readSignature({ armoredSignature: signature })
      const read = await theirVerify({ message, signature: parsed, verificationKeys: key.toPublic(), date })
      assert.equal(await read.signatures[0]!.verified, true)
      for (const signed of [message, await createMessage({ text: lines, date })]) {
        const made = await theirSign({ message: signed, signingKeys: key, detached: true, format: 'binary', date })
        const given = { signature: made as Uint8Array, verifyWith: [keys[kind].certificate], now }
        assert.equal((await engine.verifyDetached({ data, ...given }))[0]?.status, 'valid')
        const changed = bytes(`${lines}x`)
        assert.equal((await engine.verifyDetached({ data: changed, ...given }))[0]?.status, 'invalid')
      }
    })
    await fc.assert(property, { numRuns: 12 })
  })
}

test('megabytes, over the borders of chunks, through all our own forms', async () => {
  for (const kind of ['curve25519, older form', 'v6'] as const)
    for (const length of [2 ** 20 - 7, 3 * 2 ** 20, 3 * 2 ** 20 + 262_139]) {
      const document = noise(length)
      const armored = await engine.encrypt({
        data: document,
        recipients: [keys[kind].certificate],
        signWith: keys[kind].secret,
        now,
      })
      const message = bytes(armored)
      const { data } = dearmor(message)[0]!
      for (const given of [message, data, inPieces(data, 13)]) {
        const read = await engine.decrypt({ message: given, ...own(kind), now })
        assert.ok(Buffer.from(document).equals(read.data), `${kind} ${length}`)
        assert.equal(read.signatures[0]?.status, 'valid')
      }
    }
})

test('readers of all kinds together: each opens it, and what all can read is chosen', async () => {
  const recipients = kinds.map((kind) => keys[kind].certificate)
  const document = bytes('for all')
  const message = await sealed(document, { recipients, signWith: keys.v6.secret, now })
  for (const kind of kinds) {
    const read = await engine.decrypt({ message, secrets: [keys[kind].secret], verifyWith: [keys.v6.certificate], now })
    assert.equal(text(read.data), 'for all')
    assert.equal(read.signatures[0]?.status, 'valid')
  }
  const version = (packets: Uint8Array) => packets[framesOf(packets, 100)!.at(-1)!.bodyStart]
  assert.equal(version(message), 1)
  const modern = (['v6', 'v6, curve448', 'curve25519, older form, announcing AEAD'] as const).map((kind) => keys[kind])
  const forModern = await sealed(document, { recipients: modern.map(({ certificate }) => certificate), now })
  assert.equal(version(forModern), 2)
  // RFC 9580, section 6.1: no checksum over what belongs to version 6.
  assert.doesNotMatch(armor('MESSAGE', forModern), /\n=/)
  assert.match(armor('MESSAGE', message), /\n=/)
})

test('readers who are not named, and several signers', async () => {
  const document = bytes('hidden')
  const hidden = (['v6', 'rsa2048', 'nistP256'] as const).map((kind) => keys[kind])
  for (const first of [[keys.rsa2048], [keys.v6, keys['v6, curve448']]]) {
    const message = await sealed(document, {
      recipients: first.map(({ certificate }) => certificate),
      hidden: hidden.map(({ certificate }) => certificate),
      now,
    })
    for (const { secret } of [...first, ...hidden]) {
      const decryptionKeys = await libraryKey(secret)
      const parsed = await readMessage({ binaryMessage: message })
      const read = await theirDecrypt({ message: parsed, decryptionKeys, format: 'binary', date })
      assert.equal(text(read.data as Uint8Array), 'hidden')
      assert.equal(text((await engine.decrypt({ message, secrets: [secret], verifyWith: [], now })).data), 'hidden')
    }
  }
  const signers = [keys.v6, keys.rsa2048, keys.nistP256]
  const signingKeys = await Promise.all(signers.map(({ secret }) => libraryKey(secret)))
  const message = await createMessage({ text: 'several\nof them\n', date })
  const encryptionKeys = signingKeys[1]!.toPublic()
  const binary = await theirEncrypt({ message, encryptionKeys, signingKeys, format: 'binary', date })
  const verifyWith = signers.map(({ certificate }) => certificate)
  const secrets = [keys.rsa2048.secret]
  const all = await engine.decrypt({ message: binary as Uint8Array, secrets, verifyWith, now })
  assert.deepEqual(
    all.signatures.map(({ status }) => status),
    ['valid', 'valid', 'valid'],
  )
  const one = await engine.decrypt({ message: binary as Uint8Array, secrets, verifyWith: verifyWith.slice(0, 1), now })
  assert.deepEqual(one.signatures.map(({ status }) => status).toSorted(), ['unknown-key', 'unknown-key', 'valid'])
})
