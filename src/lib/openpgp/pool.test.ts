import assert from 'node:assert/strict'
import { test } from 'node:test'
import { generateKey } from 'openpgp'
import { openPgpPool } from './pool.ts'
import { OpenPgpRefusal, OpenPgpTimeout, PoolBusy, PoolClosed } from './refusals.ts'
import { bytes, newKey, now, text } from './testing.ts'

test('jobs run in workers, results and refusals come back, buffers stay with the caller', async () => {
  const pool = openPgpPool({ size: 2, queueLimit: 20 })
  await pool.warm()
  const ada = await newKey('ada')
  const data = new Uint8Array(300_000).fill(65)
  const recipients = [ada.certificate]
  const messages = await Promise.all(
    Array.from({ length: 6 }, () => pool.encrypt({ data, recipients, signWith: ada.secret, now })),
  )
  assert.equal(data.byteLength, 300_000)
  const opened = await pool.decrypt({
    message: bytes(messages[0]!),
    secrets: [ada.secret],
    verifyWith: recipients,
    now,
  })
  assert.equal(text(opened.data), text(data))
  assert.equal(opened.signatures[0]?.status, 'valid')
  const refusal = await pool.encrypt({ data, recipients: [...recipients, bytes('x')], now }).catch((error) => error)
  assert.ok(refusal instanceof OpenPgpRefusal)
  assert.deepEqual([refusal.reason, refusal.recipient], ['key.unreadable', 1])
  const fault = await pool.encrypt({ data, recipients: [], now }).catch((error) => error)
  assert.ok(!(fault instanceof OpenPgpRefusal))
  assert.match(fault.message, /recipient/)
  await pool.close()
})

test('a full queue refuses at once', async () => {
  const pool = openPgpPool({ size: 1, queueLimit: 1 })
  const job = () => pool.inspect({ bytes: bytes('x'), now }).catch((error: unknown) => error)
  const results = await Promise.all([job(), job(), job(), job()])
  const busy = results.filter((result) => result instanceof PoolBusy)
  assert.equal(busy.length, 2)
  await pool.close()
})

test('a job that takes too long loses its worker, and the next one gets a new worker', async () => {
  const events: string[] = []
  const log = (event: string) => events.push(event)
  const pool = openPgpPool({ size: 1, queueLimit: 5, timeoutMs: { quick: 60_000, bulk: 50 }, log })
  const slow = pool.generate({
    userIds: [{ name: 'a', email: 'a@x.test' }],
    algorithm: 'rsa4096',
    validSeconds: 0,
    now,
  })
  const after = pool.inspect({ bytes: bytes('x'), now })
  await assert.rejects(slow, OpenPgpTimeout)
  await assert.rejects(after, { reason: 'key.no-key' })
  assert.deepEqual(events, ['openpgp.timeout'])
  await pool.close()
})

test('closing refuses what waits and what comes', async () => {
  const pool = openPgpPool({ size: 1, queueLimit: 5 })
  const input = { bytes: bytes('x'), now }
  const waiting = [pool.inspect(input), pool.inspect(input)].map((job) => assert.rejects(job, PoolClosed))
  await pool.close()
  await Promise.all(waiting)
  await assert.rejects(pool.inspect(input), PoolClosed)
})

test('a key on a curve that WebCrypto lacks is judged in a worker too', async () => {
  const userIDs = [{ name: 'Bonn', email: 'bonn@x.test' }]
  const shape = { type: 'ecc', curve: 'brainpoolP384r1', userIDs } as const
  const { publicKey } = await generateKey({ ...shape, format: 'binary', date: new Date(now) })
  const pool = openPgpPool({ size: 1, queueLimit: 1 })
  const { rings } = await pool.inspect({ bytes: publicKey, now })
  assert.deepEqual([rings[0]?.info.canEncrypt, rings[0]?.info.canSign], [true, true])
  await pool.close()
})

test('bytes in shared memory are looked at where they lie; large results move', async () => {
  const pool = openPgpPool({ size: 1, queueLimit: 5 })
  const ada = await newKey('ada')
  const data = new Uint8Array(new SharedArrayBuffer(3_000_000)).fill(66)
  const message = bytes(await pool.encrypt({ data, recipients: [ada.certificate], signWith: ada.secret, now }))
  const shared = Buffer.from(new SharedArrayBuffer(message.length))
  shared.set(message)
  const reading = { secrets: [ada.secret], verifyWith: [ada.certificate], now }
  for (const given of [shared, message]) {
    const opened = await pool.decrypt({ message: given, ...reading })
    assert.ok(Buffer.from(data).equals(opened.data))
    assert.equal(opened.signatures[0]?.status, 'valid')
    assert.equal(given.length, message.length)
  }
  // A signature over what lies in shared memory, and armor that does.
  const { signature } = await pool.signDetached({ data, signWith: ada.secret, now })
  const verdicts = await pool.verifyDetached({ data, signature: bytes(signature), verifyWith: [ada.certificate], now })
  assert.equal(verdicts[0]?.status, 'valid')
  await pool.close()
})
