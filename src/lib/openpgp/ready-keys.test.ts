import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { openPgpPool } from './pool.ts'
import { readyKeys } from './ready-keys.ts'
import { day, now } from './testing.ts'

async function until(isTrue: () => boolean): Promise<void> {
  for (let turn = 0; turn < 400 && !isTrue(); turn++) await sleep(5)
  assert.ok(isTrue())
}

test('keys are made ahead one by one, only while nobody waits, and each is given once', async () => {
  let isIdle = false
  let running = 0
  let made = 0
  const pool = {
    isIdle: () => isIdle,
    async prepare() {
      assert.equal(++running, 1)
      await sleep(1)
      running--
      return Uint8Array.of(++made)
    },
  }
  const keys = readyKeys({ pool, algorithm: 'rsa2048', size: 3, now: () => now, pauseMs: 1 })
  await sleep(20)
  assert.deepEqual([made, keys.take()], [0, null])
  isIdle = true
  await until(() => made === 3)
  await sleep(20)
  assert.equal(made, 3)
  assert.deepEqual([keys.take(), keys.take()], [Uint8Array.of(1), Uint8Array.of(2)])
  await until(() => made === 5)
  const left = [keys.take(), keys.take()].map((material) => material?.[0])
  assert.deepEqual(left, [3, 4])
  keys.close()
  assert.equal(keys.take(), null)
})

test('a key of prepared material is a whole key of its own', async () => {
  const pool = openPgpPool({ size: 1, queueLimit: 2 })
  const keys = readyKeys({ pool, algorithm: 'rsa2048', size: 1, now: () => now, pauseMs: 1 })
  let prepared: Uint8Array | null = null
  for (let turn = 0; turn < 600 && !prepared; turn++) {
    await sleep(20)
    prepared = keys.take()
  }
  keys.close()
  const userIds = [{ name: 'Ada', email: 'ada@x.test' }]
  const later = now + day
  const input = { userIds, algorithm: 'rsa2048', validSeconds: 3600, now: later, prepared: prepared! } as const
  const { info, secret, revocation, certificate } = await pool.generate(input)
  assert.deepEqual(
    info.keys.map((key) => [key.created, key.expires, key.bits]),
    [
      [now, later + 3_600_000, 2048],
      [now, later + 3_600_000, 2048],
    ],
  )
  assert.deepEqual(
    info.userIds.map(({ text }) => text),
    ['Ada <ada@x.test>'],
  )
  assert.deepEqual([info.canEncrypt, info.canSign], [true, true])
  assert.ok(!Buffer.from(secret).includes('placeholder'))
  const revoked = await pool.applyRevocation({ certificate, revocation, now: later })
  assert.equal(revoked.info.canEncrypt, 'key.revoked')
  await assert.rejects(pool.generate({ ...input, algorithm: 'rsa3072' }), /key\.mismatch/)
  await pool.close()
})
