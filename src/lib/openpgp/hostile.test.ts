import assert from 'node:assert/strict'
import { test } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import fc from 'fast-check'
import { effort } from '../effort-testing.ts'
import { dearmor } from './armor.ts'
import { engine } from './engine.ts'
import { openPgpPool } from './pool.ts'
import { type OpenPgpReason, OpenPgpRefusal } from './refusals.ts'
import { bytes, gnuPg, hasGnuPg, newKey, now } from './testing.ts'

const needsGnuPg = { skip: hasGnuPg ? false : 'gpg is not installed' }
const ada = await newKey('ada')
const secrets = [ada.secret]
const verifyWith = [ada.certificate]
const sealed = dearmor(
  bytes(await engine.encrypt({ data: bytes('x'.repeat(300)), recipients: verifyWith, signWith: ada.secret, now })),
)[0]!.data

const refused = (reason: OpenPgpReason) => (error: unknown) =>
  error instanceof OpenPgpRefusal && error.reason === reason

test('a message changed on its way is refused and nothing of it is given out', async () => {
  for (const at of [sealed.length - 1, sealed.length - 30, sealed.length - 200]) {
    const changed = sealed.slice()
    changed[at]! ^= 1
    await assert.rejects(engine.decrypt({ message: changed, secrets, verifyWith, now }), refused('message.tampered'))
  }
  const cut = sealed.slice(0, -10)
  await assert.rejects(engine.decrypt({ message: cut, secrets, verifyWith, now }), refused('message.tampered'))
})

test('data without integrity protection is refused', async () => {
  const stripped = Buffer.concat([sealed.subarray(0, 96), Buffer.from([0xc9, 3, 1, 2, 3])])
  await assert.rejects(engine.decrypt({ message: stripped, secrets, verifyWith, now }), refused('message.tampered'))
})

test('messages that are no messages, or too many things at once', async () => {
  const no = (message: Uint8Array, reason: OpenPgpReason) =>
    assert.rejects(engine.decrypt({ message, secrets, verifyWith, now }), refused(reason))
  await no(bytes('hello'), 'message.unreadable')
  await no(new Uint8Array(), 'message.unreadable')
  await no(Buffer.from([0xcb, 3, 0x62, 0, 0]), 'message.unreadable')
  const hiddenSession = Buffer.from([0xc1, 12, 3, 0, 0, 0, 0, 0, 0, 0, 0, 18, 0, 0])
  const many = Array.from({ length: 1500 }, () => hiddenSession)
  await no(Buffer.concat([...many, Buffer.from([0xd2, 1, 1])]), 'message.too-large')
})

test('a decompression bomb is refused quickly', needsGnuPg, async (t) => {
  const gpg = gnuPg(t)
  gpg.run(['--import'], Buffer.from(ada.certificate))
  // A compressed packet around a literal of zeros: 200 MB out of 200 kB.
  const zeros = Buffer.alloc(200_000_000)
  const literal = Buffer.concat([Buffer.from([0xcb, 0xff, 0, 0, 0, 0, 0x62, 0, 0, 0, 0, 0]), zeros])
  literal.writeUInt32BE(zeros.length + 6, 2)
  const packed = deflateRawSync(literal)
  const body = Buffer.concat([Buffer.from([1]), packed])
  const header = Buffer.from([0xc8, 0xff, 0, 0, 0, 0])
  header.writeUInt32BE(body.length, 2)
  const recipient = ['--recipient', ada.info.fingerprint, '--compress-algo', 'none']
  const viaGpg = gpg.run(['--encrypt', ...recipient, '--compress-algo', 'bzip2'], zeros)
  const nested = gpg.run(['--no-literal', '--encrypt', ...recipient], Buffer.concat([header, body]))
  for (const message of [viaGpg, nested]) {
    const spent = effort()
    await assert.rejects(engine.decrypt({ message, secrets, verifyWith, now }), refused('message.too-large'))
    assert.ok(spent() < 5000, `${message.length} bytes`)
  }
})

/** Bytes with a few of them changed, removed or doubled. */
function mutated(original: Uint8Array): fc.Arbitrary<Uint8Array> {
  const change = fc.record({
    at: fc.nat(original.length - 1),
    what: fc.constantFrom('flip', 'cut', 'double', 'zero') satisfies fc.Arbitrary<string>,
    by: fc.integer({ min: 1, max: 255 }),
  })
  return fc.array(change, { minLength: 1, maxLength: 4 }).map((changes) => {
    let data = Buffer.from(original)
    for (const { at, what, by } of changes) {
      const here = Math.min(at, data.length - 1)
      if (what === 'flip') data[here] = (data[here] ?? 0) ^ by
      if (what === 'zero') data.fill(0, here, Math.min(here + by, data.length))
      if (what === 'cut') data = Buffer.concat([data.subarray(0, here), data.subarray(here + by)])
      if (what === 'double') data = Buffer.concat([data.subarray(0, here + by), data.subarray(here)])
      if (data.length === 0) data = Buffer.from([0])
    }
    return new Uint8Array(data)
  })
}

/** Only refusals may come out. */
async function onlyRefuses(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof OpenPgpRefusal)) throw error
  }
}

test('any mutation of keys, messages and signatures gives a result or a refusal', async () => {
  const locked = dearmor(bytes(await engine.exportLocked({ secret: ada.secret, password: 'pw' })))[0]!.data
  const made = await engine.signDetached({ data: bytes('x'), signWith: ada.secret, now })
  const signature = dearmor(bytes(made.signature))[0]!.data
  const rsa = await newKey('rsa', 'rsa2048')
  const data = bytes('x')
  const properties = [
    fc.asyncProperty(mutated(ada.certificate), (file) => onlyRefuses(engine.inspect({ bytes: file, now }))),
    fc.asyncProperty(mutated(rsa.secret), (file) => onlyRefuses(engine.inspect({ bytes: file, now }))),
    fc.asyncProperty(mutated(ada.certificate), (other) =>
      onlyRefuses(engine.merge({ certificate: ada.secret, other, now })),
    ),
    fc.asyncProperty(mutated(ada.certificate), (recipient) =>
      onlyRefuses(engine.encrypt({ data, recipients: [recipient], now })),
    ),
    fc.asyncProperty(mutated(ada.secret), (signWith) => onlyRefuses(engine.signDetached({ data, signWith, now }))),
    fc.asyncProperty(mutated(ada.secret), (secret) => onlyRefuses(engine.revoke({ secret, reason: 'none', now }))),
    fc.asyncProperty(mutated(ada.secret), (secret) =>
      onlyRefuses(engine.addUserId({ secret, name: 'n', email: 'n@x.test', now })),
    ),
    fc.asyncProperty(mutated(ada.certificate), (certificate) =>
      onlyRefuses(engine.certifications({ certificate, verifyWith, now })),
    ),
    fc.asyncProperty(mutated(sealed), (message) => onlyRefuses(engine.decrypt({ message, secrets, verifyWith, now }))),
    fc.asyncProperty(mutated(ada.secret), (secret) =>
      onlyRefuses(engine.decrypt({ message: sealed, secrets: [secret], verifyWith: [secret], now })),
    ),
    fc.asyncProperty(mutated(signature), (bad) =>
      onlyRefuses(engine.verifyDetached({ data, signature: bad, verifyWith, now })),
    ),
  ]
  // None of them may take long; all of them together take some seconds.
  const spent = effort()
  for (const property of properties) await fc.assert(property, { numRuns: 150 })
  assert.ok(spent() < 60_000)
  // Each of these costs a key derivation.
  const unlocking = fc.asyncProperty(mutated(locked), (secret) =>
    onlyRefuses(engine.unlock({ secret, password: 'pw' })),
  )
  await fc.assert(unlocking, { numRuns: 40 })
})

test('mutations do not hang a worker either', async () => {
  const pool = openPgpPool({ size: 1, queueLimit: 50, timeoutMs: { quick: 3000 } })
  const check = fc.asyncProperty(mutated(ada.certificate), (file) => onlyRefuses(pool.inspect({ bytes: file, now })))
  await fc.assert(check, { numRuns: 30 })
  await pool.close()
})
