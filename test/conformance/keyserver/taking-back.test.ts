import assert from 'node:assert/strict'
import { after, before, beforeEach, it } from 'node:test'
import { engine as openpgp } from '#src/lib/openpgp/engine.ts'
import { wkdName } from '#src/lib/wkd.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { KEY_PASSWORD, type Person } from '../guard/person.ts'
import { bring, madeKey, ownerOf, readKeys, removeAccount, suspend, textsOf } from './owners.ts'

onEveryEngine('Keys taken out of the world', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())
  beforeEach(() => house.clock.turn(1000))

  const keysAt = async (path: string) => {
    const { status, bytes } = await house.call('GET', path)
    return status === 200 ? readKeys(house, bytes) : []
  }
  const byAddress = (email: string) => keysAt(`/.well-known/openpgpkey/${email.split('@')[1]}/hu/${wkdName(email)}`)
  const byFingerprint = (fingerprint: string) => keysAt(`/vks/v1/by-fingerprint/${fingerprint}`)
  const change = async (person: Person, method: string, action: string, form?: Record<string, string>) => {
    const reply = await person.call(method, `/oxguard/keys?action=${action}`, form ? { form } : {})
    assert.equal(reply.json.error, undefined, reply.text)
  }
  const withdraw = (person: Person, keyId: string, publish = false) =>
    change(person, 'PUT', `publish&keyid=0x${keyId}&publish=${publish}`)
  const revoke = (person: Person, keyId: string) =>
    change(person, 'POST', `revoke&keyid=0x${keyId}`, { password: KEY_PASSWORD, reason: 'key_compromised' })
  const remove = (person: Person, keyId: string) =>
    change(person, 'POST', `delete&keyid=0x${keyId}`, { password: KEY_PASSWORD })

  it('shows no key that its owner has withdrawn, nor the one before it, until he shows it again', async () => {
    const { person, key: old } = await ownerOf(house, 'shy@example.org')
    const key = await madeKey(house, 'shy@example.org')
    await bring(person, await openpgp.exportLocked({ secret: key.secret, password: 'its own password' }))
    const { fingerprint, keyId } = key.info
    assert.deepEqual(
      (await byAddress('shy@example.org')).map((info) => info.fingerprint),
      [fingerprint],
    )
    assert.equal((await byFingerprint(fingerprint)).length, 1)
    await withdraw(person, keyId)
    assert.deepEqual(await byAddress('shy@example.org'), [])
    assert.deepEqual(await byFingerprint(fingerprint), [])
    assert.equal((await byFingerprint(old.info.fingerprint)).length, 1)
    await withdraw(person, keyId, true)
    assert.deepEqual(
      (await byAddress('shy@example.org')).map((info) => info.fingerprint),
      [fingerprint],
    )
  })

  it('shows at an address whose current key does not bear it the newest that does', async () => {
    const { person, key } = await ownerOf(house, 'old@example.org')
    await bring(person, (await madeKey(house, 'foreign@example.com', 'old@example.org')).certificate)
    assert.equal((await byAddress('old@example.org'))[0]!.fingerprint, key.info.fingerprint)
    assert.deepEqual(await byAddress('foreign@example.com'), [])
  })

  it('goes on showing a revocation: behind the next key, without the ring, without the account', async () => {
    const { person, key } = await ownerOf(house, 'gone@example.org')
    const { fingerprint, keyId } = key.info
    assert.equal((await byAddress('gone@example.org'))[0]!.keys[0]!.revoked, false)
    await revoke(person, keyId)
    const isRevoked = async () => {
      const all = [await byAddress('gone@example.org'), await byFingerprint(fingerprint)]
      return all.map((keys) => keys.find((info) => info.fingerprint === fingerprint)!.keys[0]!.revoked)
    }
    assert.deepEqual(await isRevoked(), [true, true])
    const next = await madeKey(house, 'gone@example.org')
    await bring(person, await openpgp.exportLocked({ secret: next.secret, password: 'its own password' }))
    const order = (await byAddress('gone@example.org')).map((info) => info.fingerprint)
    assert.deepEqual(order, [next.info.fingerprint, fingerprint])
    const { text } = await house.call('GET', '/pks/lookup?op=index&options=mr&search=gone@example.org')
    assert.match(text, /^info:1:2\n/)
    assert.match(text, new RegExp(`^pub:${fingerprint}:.*:r$`, 'm'))
    const first = await readKeys(house, (await house.call('GET', '/vks/v1/by-email/gone@example.org')).bytes)
    assert.deepEqual(
      first.map((info) => info.fingerprint),
      [next.info.fingerprint],
    )
    await withdraw(person, keyId)
    assert.deepEqual(await isRevoked(), [true, true])
    await remove(person, keyId)
    assert.deepEqual(await isRevoked(), [true, true])
    await suspend(house, 'gone@example.org', true)
    assert.deepEqual(await isRevoked(), [true, true])
    assert.equal((await byAddress('gone@example.org')).length, 1)
    house.clock.turn(1000)
    await removeAccount(house, 'gone@example.org')
    assert.deepEqual(await isRevoked(), [true, true])
    const [left] = await byAddress('gone@example.org')
    assert.deepEqual(textsOf(left!), ['Some Body <gone@example.org>'])
    assert.deepEqual(await byFingerprint(next.info.fingerprint), [])
  })

  it('never shows a key again as if nothing had been, that it has shown revoked', async () => {
    const { person, key } = await ownerOf(house, 'again@example.org')
    await revoke(person, key.info.keyId)
    await remove(person, key.info.keyId)
    await bring(person, await openpgp.exportLocked({ secret: key.secret, password: 'its own password' }))
    for (const keys of [await byAddress('again@example.org'), await byFingerprint(key.info.fingerprint)])
      assert.deepEqual(
        keys.map((info) => info.keys[0]!.revoked),
        [true],
      )
  })

  it('shows nothing of a revoked key that was withdrawn before', async () => {
    const { person, key } = await ownerOf(house, 'never@example.org')
    await withdraw(person, key.info.keyId)
    await revoke(person, key.info.keyId)
    assert.deepEqual(await byAddress('never@example.org'), [])
    assert.deepEqual(await byFingerprint(key.info.fingerprint), [])
    await removeAccount(house, 'never@example.org')
    assert.deepEqual(await byFingerprint(key.info.fingerprint), [])
  })

  it('shows nothing of a deleted key, or of an account that was deleted', async () => {
    const { person, key } = await ownerOf(house, 'deleted@example.org')
    await remove(person, key.info.keyId)
    assert.deepEqual(await byAddress('deleted@example.org'), [])
    const { key: other } = await ownerOf(house, 'erased@example.org')
    await removeAccount(house, 'erased@example.org')
    assert.deepEqual(await byFingerprint(other.info.fingerprint), [])
    assert.equal((await house.call('GET', '/pks/lookup?op=get&search=erased@example.org')).status, 404)
  })
})
