import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readKey } from 'openpgp'
import { bloatedKey } from './bloated-key.ts'
import { engine } from './engine.ts'
import { limits } from './limits.ts'
import { day, newKey, now } from './testing.ts'

const addresses = ['ada@x.test']

test('a key is shown with so many self-signatures, the newest', async () => {
  const certificate = await bloatedKey('ada@x.test', { now, times: 40 })
  const shown = await readKey({ binaryKey: (await engine.publishable({ certificate, addresses, now }))! })
  const times = shown.users[0]!.selfCertifications.map(({ created }) => Number(created) - (now - day))
  assert.deepEqual(
    times.sort((a, b) => a - b),
    Array.from({ length: limits.ownSignatures }, (_, index) => (25 + index) * 1000),
  )
})

test('of a key that is too large, that it was revoked is shown and nothing else', async () => {
  const large = { now, times: 12, note: 30_000 }
  const good = await bloatedKey('ada@x.test', large)
  await assert.rejects(engine.publishable({ certificate: good, addresses, now }), { reason: 'key.too-large' })
  assert.deepEqual(await engine.forAddress({ bytes: good, addresses, now }), [])
  const dead = await bloatedKey('ada@x.test', { ...large, revoked: true })
  const shown = (await engine.publishable({ certificate: dead, addresses, now }))!
  assert.ok(shown.length < 40_000, String(shown.length))
  const { rings } = await engine.inspect({ bytes: shown, now })
  const { keys, userIds } = rings[0]!.info
  assert.deepEqual([keys.map(({ revoked }) => revoked), userIds.length], [[true], 1])
})

test('a file is searched for what speaks for an address, in one go', async () => {
  const [ada, bob, again] = await Promise.all([newKey('ada'), newKey('bob'), newKey('ada')])
  const dead = await engine.revoke({ secret: ada.secret, reason: 'compromised', now })
  const parts = [ada.certificate, bob.certificate, again.certificate, dead.certificate]
  const found = await engine.forAddress({ bytes: Buffer.concat(parts), addresses, now })
  assert.deepEqual(
    found.map(({ info }) => [info.fingerprint, info.keys[0]!.revoked]),
    [
      [ada.info.fingerprint, true],
      [again.info.fingerprint, false],
    ],
  )
})

test('it is known until when what is said of a key holds', async () => {
  const lasting = await newKey('ada')
  const untilOf = async (bytes: Uint8Array, at: number) => (await engine.inspect({ bytes, now: at })).rings[0]!.until
  assert.equal(await untilOf(lasting.certificate, now), null)
  assert.equal(await untilOf(lasting.certificate, now - day), now)
  const short = await newKey('ada', 'curve25519', 3600)
  assert.equal(await untilOf(short.certificate, now), now + 3_600_000)
  assert.equal(await untilOf(short.certificate, now + 3_600_000), null)
})

test('a message is opened up to a size of the caller', async () => {
  const { certificate, secret } = await newKey('ada')
  const message = Buffer.from(
    await engine.encrypt({ data: Buffer.alloc(2000), recipients: [certificate], now, armor: true }),
  )
  const opened = { message, secrets: [secret], verifyWith: [], now }
  assert.equal((await engine.decrypt({ ...opened, most: 2000 })).data.length, 2000)
  await assert.rejects(engine.decrypt({ ...opened, most: 1999 }), { reason: 'message.too-large' })
})
