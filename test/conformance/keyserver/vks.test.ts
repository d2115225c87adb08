import assert from 'node:assert/strict'
import { after, before, beforeEach, it } from 'node:test'
import { type AnyPacket, PacketList, readKey, readPrivateKey, type SecretKeyPacket } from 'openpgp'
import { addAddress, findByAddress } from '#src/domain/accounts/accounts.ts'
import { signAnew } from '#src/lib/openpgp/signing.ts'
import type { GeneratedKey } from '#src/lib/openpgp/types.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { newPerson, origin } from '../guard/person.ts'
import { bring, foreignSignatures, madeKey, ownerOf, readKeys, suspend, textsOf, vouchedFor } from './owners.ts'

onEveryEngine('VKS', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())
  beforeEach(() => house.clock.turn(1000))

  const ask = (path: string) => house.call('GET', `/vks/v1/${path}`)

  it('gives keys by address, key id and fingerprint, armored; subkeys lead to their key', async () => {
    const { key } = await ownerOf(house, 'anna@example.org')
    const [primary, subkey] = key.info.keys
    for (const path of [
      'by-email/anna@example.org',
      'by-email/anna%40example.org',
      'by-email/Anna%40Example.ORG',
      `by-fingerprint/${primary!.fingerprint}`,
      `by-fingerprint/${primary!.fingerprint.toLowerCase()}`,
      `by-fingerprint/${subkey!.fingerprint}`,
      `by-keyid/${primary!.keyId}`,
      `by-keyid/${subkey!.keyId}`,
    ]) {
      const reply = await ask(path)
      assert.equal(reply.status, 200, path)
      assert.equal(reply.headers.get('content-type'), 'application/pgp-keys')
      assert.equal(reply.headers.get('access-control-allow-origin'), '*')
      assert.match(reply.text, /^-----BEGIN PGP PUBLIC KEY BLOCK-----/)
      const [info] = await readKeys(house, reply.bytes)
      assert.equal(info!.fingerprint, key.info.fingerprint)
    }
    assert.equal((await house.call('HEAD', '/vks/v1/by-email/anna@example.org')).status, 200)
  })

  it('knows keys in the format of RFC 9580, whose fingerprints are longer', async () => {
    const { openpgp } = house.ctx.workers
    const userIds = [{ name: 'Six', email: 'six@example.org' }]
    const key = await openpgp.generate({ userIds, algorithm: 'v6', validSeconds: 0, now: house.clock.now() })
    await ownerOf(house, 'six@example.org', key)
    const { fingerprint, keyId } = key.info
    assert.equal(fingerprint.length, 64)
    for (const path of [`by-fingerprint/${fingerprint}`, `by-keyid/${keyId}`]) {
      const [info] = await readKeys(house, (await ask(path)).bytes)
      assert.equal(info!.fingerprint, fingerprint)
    }
  })

  it('leads by a subkey to whoever had it first', async () => {
    const { key } = await ownerOf(house, 'robbed@example.org')
    house.clock.turn(60_000)
    await bring(await newPerson(house, 'robber@example.org'), await withSubkeyOf(house, 'robber@example.org', key))
    const subkey = key.info.keys[1]!
    const shown = await house.call('GET', `/pks/lookup?op=get&search=${subkey.fingerprint}`)
    assert.equal((await readKeys(house, shown.bytes)).length, 2)
    for (const path of [`by-keyid/${subkey.keyId}`, `by-fingerprint/${subkey.fingerprint}`]) {
      const [info, ...more] = await readKeys(house, (await ask(path)).bytes)
      assert.deepEqual([info!.fingerprint, more], [key.info.fingerprint, []])
    }
  })

  it('tells what is wrong in plain text: 404 for nothing found, 400 for what cannot be', async () => {
    const { key } = await ownerOf(house, 'short@example.org')
    const { fingerprint, keyId } = key.info
    const cases: [string, number][] = [
      ['by-email/nobody@example.org', 404],
      [`by-keyid/${'0'.repeat(16)}`, 404],
      [`by-fingerprint/${'0'.repeat(40)}`, 404],
      [`by-keyid/${keyId.slice(-8)}`, 400],
      [`by-keyid/0x${keyId}`, 400],
      [`by-keyid/${fingerprint}`, 400],
      [`by-fingerprint/${keyId}`, 400],
      [`by-fingerprint/${'0'.repeat(32)}`, 400],
      [`by-fingerprint/${'A'.repeat(5000)}`, 400],
      ['by-email/example.org', 400],
      ['by-email/%25@example.org', 400],
      ['by-email/an_a@example.org', 404],
      ['by-email/short@example.org%00', 400],
      ['by-email/..%2F..%2Fetc%2Fpasswd', 400],
      ['upload', 404],
      ['', 404],
    ]
    for (const [path, status] of cases) {
      const reply = await ask(path)
      assert.equal(reply.status, status, path)
      assert.doesNotMatch(reply.text, /[<{]|passwd/, path)
    }
    assert.equal((await house.call('POST', '/vks/v1/upload', { json: { keytext: '' } })).status, 404)
  })

  it('shows by fingerprint the confirmed addresses of the owner and no other, and nobody’s word but his', async () => {
    const person = await newPerson(house, 'one@example.org')
    const account = (await findByAddress(house.ctx, 'one@example.org'))!
    const caller = (await findByAddress(house.ctx, house.rootEmail))!
    await addAddress(house.ctx, { caller, account, address: 'two@example.org', origin })
    const key = await madeKey(house, 'one@example.org', 'two@example.org', 'three@example.com')
    const vouched = await vouchedFor(house, key)
    assert.equal(await foreignSignatures(vouched), 3)
    await bring(person, vouched)
    const { bytes } = await ask(`by-fingerprint/${key.info.fingerprint}`)
    const [info] = await readKeys(house, bytes)
    assert.deepEqual(textsOf(info!), ['Some Body <one@example.org>', 'Some Body <two@example.org>'])
    const shown = await house.call('GET', `/pks/lookup?op=get&search=two@example.org`)
    assert.deepEqual((await readKeys(house, shown.bytes)).map(textsOf), [['Some Body <two@example.org>']])
    assert.equal(await foreignSignatures(binary(shown.text)), 0)
    assert.equal(await foreignSignatures(binary(bytes.toString())), 0)
    await suspend(house, 'one@example.org', true)
    assert.equal((await ask(`by-fingerprint/${key.info.fingerprint}`)).status, 404)
  })
})

/** A key of somebody to whose primary key the subkey of somebody else is bound: that takes no consent. */
async function withSubkeyOf(house: House, email: string, other: GeneratedKey): Promise<Uint8Array> {
  const own = await readPrivateKey({ binaryKey: (await madeKey(house, email)).secret })
  const subkey = (await readKey({ binaryKey: other.certificate })).subkeys[0]!
  const by = own.keyPacket as SecretKeyPacket
  const data = { key: by, bind: subkey.keyPacket }
  const binding = await signAnew(own.subkeys[0]!.bindingSignatures[0]!, by, data, new Date(house.clock.now()))
  const stolen = new PacketList<AnyPacket>()
  stolen.push(...own.toPublic().toPacketList(), subkey.keyPacket, binding)
  return stolen.write()
}

const binary = (armored: string): Uint8Array =>
  Buffer.from(armored.replace(/^-.*$|^=.{4}$/gm, '').replace(/\s/g, ''), 'base64')
