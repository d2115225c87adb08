import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readKeys } from 'openpgp'
import { armorCertificate, engine } from './engine.ts'
import { framesOf, tag } from './packets.ts'
import { type OpenPgpReason, OpenPgpRefusal } from './refusals.ts'
import { bytes, day, newKey, now, text } from './testing.ts'
import type { KeyAlgorithm } from './types.ts'

const refused = (reason: OpenPgpReason) => (error: unknown) =>
  error instanceof OpenPgpRefusal && error.reason === reason

const year = 365 * 86_400
const algorithms = ['curve25519', 'rsa2048', 'v6'] satisfies KeyAlgorithm[]
const packets = (data: Uint8Array, wanted: number) =>
  framesOf(data, 500)!.filter((frame) => frame.tag === wanted).length

for (const algorithm of algorithms) {
  test(`a ${algorithm} key is renewed: at once, after its end, and for ever`, async () => {
    const made = await newKey('ada', algorithm, year)
    const two = await engine.addUserId({ secret: made.secret, name: 'Ada', email: 'second@x.test', now })
    const data = bytes('signed long ago')
    const early = await engine.signDetached({ data, signWith: made.secret, now: now + day })
    let secret = two.secret!
    for (const at of [now, now + 100 * day, now + 800 * day]) {
      const until = at + 30 * day
      const renewed = await engine.setExpiry({ secret, until, now: at })
      assert.deepEqual(
        renewed.info.keys.map(({ expires, expired }) => [expires, expired]),
        [
          [until, false],
          [until, false],
        ],
      )
      assert.deepEqual([renewed.info.canEncrypt, renewed.info.canSign], [true, true])
      const old = await engine.merge({ certificate: two.certificate, other: renewed.certificate, now: at })
      if (at > now) assert.equal(old.info.keys[0]?.expires, until)
      const signature = bytes(early.signature)
      const [verdict] = await engine.verifyDetached({ data, signature, verifyWith: [renewed.certificate], now: at })
      assert.equal(verdict?.status, at > now ? 'valid' : 'invalid')
      secret = renewed.secret!
    }
    const lasting = await engine.setExpiry({ secret, until: null, now: now + 801 * day })
    assert.deepEqual(
      lasting.info.keys.map(({ expires }) => expires),
      [null, null],
    )
    const far = await engine.inspect({ bytes: lasting.certificate, now: now + 20_000 * day })
    assert.equal(far.rings[0]?.info.canEncrypt, true)
    assert.deepEqual(
      lasting.info.userIds.map(({ email }) => email),
      ['ada@x.test', 'second@x.test'],
    )
  })

  test(`the encryption subkey of a ${algorithm} key is rotated; old mail stays readable`, async () => {
    const made = await newKey('ada', algorithm, year)
    const old = await engine.encrypt({ data: bytes('old'), recipients: [made.certificate], now })
    const kept = await engine.rotateSubkey({ secret: made.secret, until: null, retire: false, now })
    const at = now + 10 * day
    const until = at + 30 * day
    const { info, secret, certificate } = await engine.rotateSubkey({
      secret: kept.secret!,
      until,
      retire: true,
      now: at,
    })
    const [primary, fresh, ...older] = info.keys
    assert.equal(primary?.revoked, false)
    assert.deepEqual([fresh?.created, fresh?.expires, fresh?.revoked, fresh?.hasSecret], [at, until, false, true])
    assert.deepEqual(
      older.map(({ revoked, canEncrypt, algorithm: kind }) => [revoked, canEncrypt, kind]),
      older.map(() => [true, true, fresh?.algorithm]),
    )
    assert.equal(older.length, 2)
    const message = await engine.encrypt({ data: bytes('new'), recipients: [certificate], now: at })
    for (const [sealed, plain] of [
      [old, 'old'],
      [message, 'new'],
    ] as const) {
      const opened = await engine.decrypt({ message: bytes(sealed), secrets: [secret!], verifyWith: [], now: at })
      assert.equal(text(opened.data), plain)
    }
    const first = await engine.decrypt({ message: bytes(message), secrets: [secret!], verifyWith: [], now: at })
    assert.deepEqual(first.recipients, [fresh?.keyId])
    const both = await engine.encrypt({ data: bytes('x'), recipients: [kept.certificate], now })
    const opened = await engine.decrypt({ message: bytes(both), secrets: [kept.secret!], verifyWith: [], now })
    assert.notDeepEqual(opened.recipients, [made.info.keys[1]?.keyId], 'of the same second, the new one is taken')
  })

  test(`a ${algorithm} key is shown to the world, and no more of it than asked for`, async () => {
    const made = await newKey('ada', algorithm, year)
    const two = await engine.addUserId({ secret: made.secret, name: 'Ada', email: 'second@x.test', now })
    const { certificate } = await engine.setExpiry({ secret: two.secret!, until: now + 90 * day, now: now + day })
    const at = { certificate, now: now + 2 * day }
    const one = await engine.publishable({ ...at, addresses: ['SECOND@x.test', 'other@x.test'] })
    const shown = (await engine.inspect({ bytes: one!, now: at.now })).rings[0]!.info
    assert.deepEqual(
      shown.userIds.map(({ text }) => text),
      ['Ada <second@x.test>'],
    )
    assert.deepEqual([shown.canEncrypt, shown.keys[0]?.expires], [true, now + 90 * day])
    assert.equal(await engine.publishable({ ...at, addresses: ['other@x.test'] }), null)
    const least = await engine.minimal({ ...at, address: 'Second@X.test' })
    const expected = algorithm === 'v6' ? [6, 2, 13, 2, 14, 2] : [6, 13, 2, 14, 2]
    assert.deepEqual(
      framesOf(least!, 100)!.map((frame) => frame.tag),
      expected,
    )
    const usable = (await engine.inspect({ bytes: least!, now: at.now })).rings[0]!.info
    assert.deepEqual([usable.canEncrypt, usable.keys[1]?.expires], [true, now + 90 * day])
    assert.equal(await engine.minimal({ ...at, address: 'other@x.test' }), null)
    const dead = await engine.applyRevocation({ certificate, revocation: made.revocation, now: at.now })
    const last = await engine.publishable({ certificate: dead.certificate, addresses: ['ada@x.test'], now: at.now })
    const { rings } = await engine.inspect({ bytes: last!, now: at.now })
    assert.equal(rings[0]?.info.canEncrypt, 'key.revoked')
    assert.equal(await engine.minimal({ ...at, certificate: dead.certificate, address: 'ada@x.test' }), null)
  })
}

test('a revoked key, a locked one and one without its primary secret are not renewed', async () => {
  const made = await newKey('ada')
  const dead = await engine.applyRevocation({ certificate: made.secret, revocation: made.revocation, now })
  assert.ok(dead.secret)
  const again = { until: null, now: now + day }
  await assert.rejects(engine.setExpiry({ secret: dead.secret, ...again }), refused('key.revoked'))
  await assert.rejects(engine.rotateSubkey({ secret: dead.secret, retire: true, ...again }), refused('key.revoked'))
  const locked = bytes(await engine.exportLocked({ secret: made.secret, password: 'pw' }))
  await assert.rejects(engine.setExpiry({ secret: locked, ...again }), refused('key.locked'))
  await assert.rejects(engine.setExpiry({ secret: made.certificate, ...again }), refused('key.not-secret'))
})

test('a subkey that was revoked stays so when the key is renewed', async () => {
  const made = await newKey('ada', 'curve25519', year)
  const rotated = await engine.rotateSubkey({ secret: made.secret, until: null, retire: true, now: now + day })
  const old = made.info.keys[1]!.keyId
  const renewed = await engine.setExpiry({ secret: rotated.secret!, until: now + 900 * day, now: now + 2 * day })
  const revoked = renewed.info.keys.find(({ keyId }) => keyId === old)
  assert.deepEqual([revoked?.revoked, revoked?.expires], [true, now + year * 1000])
})

test('a revocation certificate with text around it, of another key, and what is none', async () => {
  const ada = await newKey('ada')
  const bob = await newKey('bob')
  const apply = (revocation: string) => engine.applyRevocation({ certificate: ada.certificate, revocation, now })
  const guarded = `This is a revocation certificate.\nRemove the colon.\n\n:${ada.revocation.replaceAll('\n', '\r\n')}\n`
  for (const revocation of [ada.revocation, guarded]) {
    const { info, certificate } = await apply(revocation)
    assert.equal(info.canEncrypt, 'key.revoked')
    const twice = await engine.applyRevocation({ certificate, revocation, now })
    assert.equal(packets(twice.certificate, tag.signature), packets(certificate, tag.signature))
    assert.equal((await apply(armorCertificate(certificate))).info.canEncrypt, 'key.revoked')
  }
  await assert.rejects(apply(bob.revocation), refused('key.mismatch'))
  await assert.rejects(apply(armorCertificate(ada.certificate)), refused('key.unreadable'))
  await assert.rejects(apply('nothing'), refused('key.unreadable'))
})

test('a copy from elsewhere adds nothing that the key does not vouch for', async () => {
  const ada = await newKey('ada')
  const mallory = await newKey('mallory')
  const [key, , , subkey] = slices(ada.certificate)
  const [, strangeId, strangeWord, strangeSubkey, strangeBinding] = slices(mallory.certificate)
  const forged = Buffer.concat([key!, strangeId!, strangeWord!, strangeSubkey!, strangeBinding!])
  const joined = await engine.merge({ certificate: ada.certificate, other: forged, now })
  assert.deepEqual(Buffer.from(joined.certificate), Buffer.from(ada.certificate))
  // A binding that claims to be newer must not displace the true one.
  const later = await engine.setExpiry({ secret: ada.secret, until: now + 9 * day, now: now + day })
  const binding = slices(later.certificate).at(-1)!.slice()
  binding[binding.length - 1]! ^= 1
  const displaced = Buffer.concat([key!, subkey!, binding])
  const kept = await engine.merge({ certificate: ada.certificate, other: displaced, now: now + day })
  assert.deepEqual([kept.info.canEncrypt, kept.info.keys[1]?.expires], [true, null])
})

const slices = (data: Uint8Array) => framesOf(data, 500)!.map(({ start, end }) => data.subarray(start, end))

test('a subkey of which only the public half came stays in the secret ring as a stub', async () => {
  const ada = await newKey('ada')
  const elsewhere = await engine.rotateSubkey({ secret: ada.secret, until: null, retire: false, now: now + day })
  const joined = await engine.merge({ certificate: ada.secret, other: elsewhere.certificate, now: now + day })
  assert.deepEqual(
    joined.info.keys.map(({ hasSecret }) => hasSecret),
    [true, true, false],
  )
  const renewed = await engine.setExpiry({ secret: joined.secret!, until: now + 9 * day, now: now + 2 * day })
  assert.equal(renewed.info.keys.length, 3)
  const locked = bytes(await engine.exportLocked({ secret: renewed.secret!, password: 'pw' }))
  await engine.unlock({ secret: locked, password: 'pw' })
  // When the other half turns up, it takes the place of the stub.
  const whole = await engine.merge({ certificate: renewed.secret!, other: elsewhere.secret!, now: now + 2 * day })
  assert.ok(whole.info.keys.every(({ hasSecret }) => hasSecret))
})

test('every signature of a key is told: over itself, its user ids, its subkeys', async () => {
  const ada = await newKey('ada', 'v6')
  const { certificate } = await engine.rotateSubkey({ secret: ada.secret, until: null, retire: true, now: now + day })
  const found = await engine.certifications({ certificate, verifyWith: [], now: now + day })
  assert.deepEqual(
    found.map(({ userId, subkeyId, type, own, status }) => [userId ?? subkeyId, type, own, status]),
    [
      [null, 0x1f, true, 'valid'],
      ['ada <ada@x.test>', 0x13, true, 'valid'],
      [found[2]?.subkeyId, 0x18, true, 'valid'],
      [ada.info.keys[1]?.keyId, 0x18, true, 'valid'],
      [ada.info.keys[1]?.keyId, 0x28, true, 'valid'],
    ],
  )
})

test('bytes under a password', async () => {
  const data = bytes('the whole secret key')
  const sealed = await engine.encryptWithPassword({ data, password: '1234-5678', now })
  assert.match(sealed, /^-----BEGIN PGP MESSAGE-----\n\n/)
  const open = (message: string, password: string) =>
    engine.decryptWithPassword({ message: bytes(message), password, now })
  assert.equal(text(await open(sealed, '1234-5678')), text(data))
  await assert.rejects(open(sealed, '1234-5679'), refused('password.wrong'))
  await assert.rejects(open('x', 'x'), refused('message.unreadable'))
  await assert.rejects(engine.encryptWithPassword({ data, password: '', now }), refused('password.wrong'))
  const toKey = await engine.encrypt({ data, recipients: [(await newKey('ada')).certificate], now })
  await assert.rejects(open(toKey, 'x'), refused('message.unreadable'))
})

test('a further user id says of the key what the first one does, and takes nothing back', async () => {
  for (const algorithm of ['curve25519', 'v6'] as const) {
    const made = await newKey('ada', algorithm, year)
    const later = now + 3 * day
    const two = await engine.addUserId({ secret: made.secret, name: 'Two', email: 'two@x.test', now: later })
    const [key] = await readKeys({ binaryKeys: two.certificate })
    const words = key!.users.map((user) => user.selfCertifications[0]!)
    assert.deepEqual(
      words.map(({ keyExpirationTime, features, keyFlags }) => [keyExpirationTime, features, keyFlags]),
      words.map(() => [words[0]!.keyExpirationTime, words[0]!.features, words[0]!.keyFlags]),
    )
    assert.deepEqual([words[0]?.isPrimaryUserID, words[1]?.isPrimaryUserID], [true, null])
    assert.equal(two.info.keys[0]?.expires, now + year * 1000)
    // In version 6 what the key can read is told by a signature over the key, which must not be replaced by a poorer one.
    const { directSignatures } = key as unknown as { directSignatures: { features: number[] }[] }
    assert.deepEqual(
      directSignatures.map(({ features }) => features),
      algorithm === 'v6' ? [[9]] : [],
    )
    const again = await engine.addUserId({ secret: two.secret!, name: 'Two', email: 'two@x.test', now: later })
    assert.equal(again.info.userIds.length, 2)
  }
})
