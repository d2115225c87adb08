import assert from 'node:assert/strict'
import { test } from 'node:test'
import { effort } from '../effort-testing.ts'
import { engine } from './engine.ts'
import { fingerprintOf } from './packets.ts'
import { openPgpPool } from './pool.ts'
import { bytes, newKey, now, text } from './testing.ts'

const chance = new Uint8Array(18).fill(7)
const mail = bytes('From: ada@x.test\r\nTo: ben@x.test\r\nContent-Type: text/plain\r\n\r\nhi\r\n')

test('the fingerprint of a certificate is found without parsing it', async () => {
  for (const { certificate, secret, info } of [await newKey('ada'), await newKey('ben', 'rsa2048')]) {
    assert.equal(fingerprintOf(certificate), info.fingerprint)
    assert.equal(fingerprintOf(secret), null)
  }
  for (const junk of ['', 'text', '\u0099']) assert.equal(fingerprintOf(bytes(junk)), null)
})

test('hidden recipients read along, and the message does not name them', async () => {
  const [ada, ben, cyd, eve] = await Promise.all(['ada', 'ben', 'cyd', 'eve'].map((name) => newKey(name)))
  const idOf = ({ info }: typeof ada & {}) => info.keys[1]!.keyId
  const sealing = { data: mail, recipients: [ada!.certificate], hidden: [ben!.certificate, cyd!.certificate], now }
  const message = bytes(await engine.encrypt(sealing))
  for (const { secret } of [ada!, ben!, cyd!]) {
    const opened = await engine.decrypt({ message, secrets: [secret], verifyWith: [], now })
    assert.equal(text(opened.data), text(mail))
    assert.deepEqual(opened.recipients.toSorted(), ['0'.repeat(16), '0'.repeat(16), idOf(ada!)].toSorted())
  }
  await assert.rejects(engine.decrypt({ message, secrets: [eve!.secret], verifyWith: [], now }), /message\.no-key/)
  const named = { ...sealing, hidden: [ada!.certificate] }
  const both = await engine.decrypt({
    message: bytes(await engine.encrypt(named)),
    secrets: [ada!.secret],
    verifyWith: [],
    now,
  })
  assert.deepEqual(both.recipients, [idOf(ada!)])
})

test('a mail of many megabytes passes through a worker in a moment', async () => {
  const pool = openPgpPool({ size: 1, queueLimit: 2 })
  const { certificate, secret } = await newKey('ada')
  const message = new Uint8Array(Buffer.concat([mail, Buffer.alloc(12 << 20, 'abcdefg hij klmnop\r\n')]))
  const spent = effort()
  const sealed = await pool.sealMail({ message, recipients: [certificate], hidden: [], signWith: secret, now, chance })
  const reading = { secrets: [secret], verifyWith: [certificate], now }
  const opened = await pool.openMail({ message: sealed, ...reading })
  assert.equal(opened.signatures[0]?.status, 'valid')
  assert.ok(Buffer.concat(opened.message).includes(Buffer.from(message).subarray(-1_000_000)))
  const armored = await pool.encrypt({ data: message, recipients: [certificate], now })
  assert.ok(armored.length > 12 << 20)
  const took = spent()
  assert.ok(took < 10_000, `${took} ms`)
  await pool.close()
})

test('the format of a mail is told without opening it', async () => {
  const { certificate } = await newKey('ada')
  const sealed = await engine.sealMail({ message: mail, recipients: [certificate], hidden: [], now, chance })
  assert.equal(await engine.formatOfMail({ message: sealed }), 'pgp-mime')
  assert.equal(await engine.formatOfMail({ message: mail }), null)
  await assert.rejects(engine.openMail({ message: mail, secrets: [], verifyWith: [], now }), /message\.unreadable/)
})
