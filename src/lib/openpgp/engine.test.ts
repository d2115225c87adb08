import assert from 'node:assert/strict'
import { test } from 'node:test'
import { armor, dearmor } from './armor.ts'
import { armorCertificate, engine } from './engine.ts'
import { framesOf } from './packets.ts'
import { type OpenPgpReason, OpenPgpRefusal } from './refusals.ts'
import { bytes, day, newKey, now, text } from './testing.ts'

const ada = await newKey('ada')
const bob = await newKey('bob', 'curve25519', 30 * 86_400)

const refused = (reason: OpenPgpReason, recipient?: number) => (error: unknown) =>
  error instanceof OpenPgpRefusal && error.reason === reason && error.recipient === recipient

test('armor comes back, with text around it, without checksum, in several blocks', () => {
  const data = new Uint8Array(200).map((_, index) => index)
  const block = armor('MESSAGE', data)
  assert.ok(block.split('\n').every((line) => line.length <= 64))
  const variants = [
    block,
    `hello\r\n${block.replaceAll('\n', '\r\n')}bye`,
    block.replace(/=.{4}\n-/, '-'),
    block.replace('\n\n', '\nVersion: x\nComment: y\n\n'),
    `\ufeff${block}`,
  ]
  for (const variant of variants) assert.deepEqual(dearmor(bytes(variant))[0]?.data, data)
  const kinds = dearmor(bytes(`${block}between\n${armor('SIGNATURE', data)}`)).map(({ kind }) => kind)
  assert.deepEqual(kinds, ['MESSAGE', 'SIGNATURE'])
})

test('a new key says what it is: legacy identifiers, a primary key that signs, a subkey that encrypts', async () => {
  const { info } = bob
  assert.match(info.fingerprint, /^[0-9A-F]{40}$/)
  assert.equal(info.keyId, info.fingerprint.slice(-16))
  assert.deepEqual(info.userIds, [{ text: 'bob <bob@x.test>', name: 'bob', email: 'bob@x.test', revoked: false }])
  assert.deepEqual([info.canEncrypt, info.canSign], [true, true])
  const [primary, subkey, ...more] = info.keys
  assert.equal(more.length, 0)
  assert.deepEqual([primary?.curve, primary?.canSign, primary?.canEncrypt], ['ed25519Legacy', true, false])
  assert.deepEqual([subkey?.curve, subkey?.canSign, subkey?.canEncrypt], ['curve25519Legacy', false, true])
  assert.ok(info.keys.every((key) => key.hasSecret && key.expires === now + 30 * day && key.created === now))
  assert.equal(ada.info.keys[0]?.expires, null)
})

test('user ids that would lie are refused', async () => {
  for (const [name, email] of [
    ['a <b@x.test>', 'c@x.test'],
    ['a', 'no address'],
    ['a\nb', 'c@x.test'],
  ] as const) {
    const userIds = [{ name, email }]
    const made = engine.generate({ userIds, algorithm: 'curve25519', validSeconds: 0, now })
    await assert.rejects(made, refused('key.bad-user-id'))
  }
})

test('files of keys: binary, armored, several blocks, secret and locked', async () => {
  const locked = await engine.exportLocked({ secret: bob.secret, password: 'pw' })
  const file = bytes(`Keys:\n${armorCertificate(ada.certificate)}\n${locked}`)
  const { rings } = await engine.inspect({ bytes: file, now })
  assert.deepEqual(
    rings.map((ring) => [ring.info.fingerprint, ring.secret !== undefined, ring.locked]),
    [
      [ada.info.fingerprint, false, false],
      [bob.info.fingerprint, true, true],
    ],
  )
  const both = Buffer.concat([ada.certificate, bob.secret])
  const binary = await engine.inspect({ bytes: both, now })
  assert.deepEqual(
    binary.rings.map((ring) => [ring.info.keyId, ring.locked]),
    [
      [ada.info.keyId, false],
      [bob.info.keyId, false],
    ],
  )
  assert.ok(rings[0]?.info.keys.every((key) => !key.hasSecret))
})

test('what is no key is refused with its reason', async () => {
  const no = (data: Uint8Array, reason: OpenPgpReason) =>
    assert.rejects(engine.inspect({ bytes: data, now }), refused(reason))
  await no(bytes('hello'), 'key.no-key')
  await no(new Uint8Array(), 'key.no-key')
  await no(bytes(armor('MESSAGE', new Uint8Array(9))), 'key.no-key')
  await no(new Uint8Array(1024 * 1024 + 1), 'key.too-large')
  await no(ada.certificate.slice(0, 60), 'key.unreadable')
  await no(Buffer.concat(Array.from({ length: 600 }, () => Buffer.from([0xcd, 1, 65]))), 'key.too-large')
  await no(Buffer.concat(Array.from({ length: 6000 }, () => Buffer.from([0xc2, 1, 4]))), 'key.too-large')
})

test('locking and unlocking', async () => {
  const armored = await engine.exportLocked({ secret: ada.secret, password: 'right' })
  const locked = dearmor(bytes(armored))[0]!.data
  await assert.rejects(engine.unlock({ secret: locked, password: 'wrong' }), refused('password.wrong'))
  await assert.rejects(engine.unlock({ secret: ada.certificate, password: 'x' }), refused('key.not-secret'))
  await assert.rejects(engine.exportLocked({ secret: locked, password: 'x' }), refused('key.locked'))
  await assert.rejects(engine.exportLocked({ secret: ada.secret, password: '' }), refused('password.wrong'))
  assert.deepEqual(await engine.unlock({ secret: locked, password: 'right' }), ada.secret)
  assert.deepEqual(await engine.unlock({ secret: ada.secret, password: 'whatever' }), ada.secret)
})

test('mail for two, signed, can be opened by each; the caller keeps its buffers', async () => {
  const data = bytes('Grüße\r\n')
  const recipients = [ada.certificate, bob.certificate, bob.certificate]
  const message = bytes(await engine.encrypt({ data, recipients, signWith: ada.secret, now, armor: true }))
  assert.equal(data.byteLength, 9)
  for (const secret of [ada.secret, bob.secret]) {
    const opened = await engine.decrypt({ message, secrets: [secret], verifyWith: [ada.certificate], now })
    assert.equal(text(opened.data), 'Grüße\r\n')
    assert.equal(opened.recipients.length, 2)
    assert.deepEqual(opened.signatures, [
      { keyId: ada.info.keyId, fingerprint: ada.info.fingerprint, created: now, status: 'valid' },
    ])
  }
  const unknown = await engine.decrypt({ message, secrets: [bob.secret], verifyWith: [bob.certificate], now })
  assert.equal(unknown.signatures[0]?.status, 'unknown-key')
  const eve = await newKey('eve')
  await assert.rejects(
    engine.decrypt({ message, secrets: [eve.secret], verifyWith: [], now }),
    refused('message.no-key'),
  )
})

test('a certificate that cannot be used is named with its reason', async () => {
  const late = now + 31 * day
  const revoked = await engine.revoke({ secret: ada.secret, reason: 'compromised', now: now + 1000 })
  const retired = await engine.revoke({
    secret: ada.secret,
    keyId: ada.info.keys[1]!.keyId,
    reason: 'retired',
    now: now + 1000,
  })
  const send = (last: Uint8Array) =>
    engine.encrypt({ data: bytes('x'), recipients: [ada.certificate, last], now: late })
  await assert.rejects(send(bob.certificate), refused('key.expired', 1))
  await assert.rejects(send(revoked.certificate), refused('key.revoked', 1))
  await assert.rejects(send(retired.certificate), refused('key.revoked', 1))
  await assert.rejects(send(bytes('x')), refused('key.unreadable', 1))
  const signOnly = { data: bytes('x'), recipients: [ada.certificate], signWith: bob.secret, now: late }
  await assert.rejects(engine.encrypt(signOnly), refused('key.expired'))
})

test('two states of a key are joined, public or secret', async () => {
  const more = await engine.addUserId({ secret: ada.secret, name: 'Ada L', email: 'al@x.test', now: now + 1000 })
  assert.equal(more.info.userIds.length, 2)
  const joined = await engine.merge({ certificate: ada.certificate, other: more.certificate, now: now + 2000 })
  assert.deepEqual(joined.info, { ...more.info, keys: joined.info.keys })
  assert.equal(joined.secret, undefined)
  const secret = await engine.merge({ certificate: ada.secret, other: more.certificate, now: now + 2000 })
  assert.equal(secret.info.userIds.length, 2)
  assert.ok(secret.info.keys.every((key) => key.hasSecret))
  const turned = await engine.merge({ certificate: more.certificate, other: ada.secret, now: now + 2000 })
  assert.deepEqual(turned.secret?.length, secret.secret?.length)
  const revoked = await engine.revoke({ secret: ada.secret, reason: 'superseded', now: now + 3000 })
  const late = await engine.merge({ certificate: joined.certificate, other: revoked.certificate, now: now + 4000 })
  assert.equal(late.info.canEncrypt, 'key.revoked')
  const other = { certificate: ada.certificate, other: bob.certificate, now }
  await assert.rejects(engine.merge(other), refused('key.mismatch'))
  const known = await engine.certifications({ certificate: more.certificate, verifyWith: [], now: now + 2000 })
  assert.deepEqual(
    known.map(({ userId, subkeyId, own, status }) => [userId, subkeyId, own, status]),
    [
      ['ada <ada@x.test>', null, true, 'valid'],
      ['Ada L <al@x.test>', null, true, 'valid'],
      [null, ada.info.keys[1]?.keyId, true, 'valid'],
    ],
  )
})

test('a flood of certifications by others is cut down, the key stays usable', async () => {
  const [first, userId] = packetsOf(ada.certificate)
  const foreign = packetsOf(bob.certificate)[2]!
  const flooded = Buffer.concat([first!, userId!, ...Array(2000).fill(foreign), ...packetsOf(ada.certificate).slice(2)])
  const { rings } = await engine.inspect({ bytes: flooded, now })
  const certificate = rings[0]!.certificate
  assert.equal(rings[0]?.info.canEncrypt, true)
  assert.ok(certificate.length < 64 * foreign.length + ada.certificate.length + 1)
  const known = await engine.certifications({ certificate, verifyWith: [bob.certificate], now })
  assert.equal(known.filter(({ issuerKeyId }) => issuerKeyId === bob.info.keyId).length, 64)
  assert.ok(known.every(({ own, status }) => status === (own ? 'valid' : 'invalid')))
})

function packetsOf(data: Uint8Array): Uint8Array[] {
  return framesOf(data, 100)!.map(({ start, end }) => data.subarray(start, end))
}

test('the revocation certificate made with the key revokes it', async () => {
  const packets = dearmor(bytes(ada.revocation))[0]!.data
  // A revocation certificate is a bare signature; directly behind the primary key it is a revocation of that key.
  const keyEnd = 2 + ada.certificate[1]!
  const whole = Buffer.concat([ada.certificate.subarray(0, keyEnd), packets, ada.certificate.subarray(keyEnd)])
  const { rings } = await engine.inspect({ bytes: whole, now: now + day })
  assert.equal(rings[0]?.info.canEncrypt, 'key.revoked')
  assert.ok(rings[0]?.info.keys.every((key) => key.revoked))
})

test('detached signatures: valid, changed, by a stranger, by a key that had expired or was revoked', async () => {
  const data = bytes('signed\n')
  const made = await engine.signDetached({ data, signWith: bob.secret, now })
  // The least that Ed25519 in its legacy form may be used with, RFC 9580 section 5.2.3.3.
  assert.equal(made.hash, 'sha512')
  assert.match(made.signature, /^-----BEGIN PGP SIGNATURE-----\n/)
  const check = async (over: Partial<Parameters<typeof engine.verifyDetached>[0]>) => {
    const input = { data, signature: bytes(made.signature), verifyWith: [bob.certificate], now, ...over }
    return (await engine.verifyDetached(input)).map(({ status }) => status)
  }
  assert.deepEqual(await check({}), ['valid'])
  assert.deepEqual(await check({ now: now + 90 * day }), ['valid'])
  assert.deepEqual(await check({ now: now - day }), ['invalid'])
  assert.deepEqual(await check({ data: bytes('changed') }), ['invalid'])
  assert.deepEqual(await check({ verifyWith: [ada.certificate] }), ['unknown-key'])
  await assert.rejects(check({ signature: bytes('x') }), refused('message.unreadable'))
  const stolen = await engine.revoke({ secret: bob.secret, reason: 'compromised', now: now + day })
  const retired = await engine.revoke({ secret: bob.secret, reason: 'retired', now: now + day })
  assert.deepEqual(await check({ verifyWith: [stolen.certificate], now: now + 2 * day }), ['key-revoked'])
  assert.deepEqual(await check({ verifyWith: [retired.certificate], now: now + 2 * day }), ['valid'])
  const late = { data, signWith: bob.secret, now: now + 31 * day }
  await assert.rejects(engine.signDetached(late), refused('key.expired'))
})
