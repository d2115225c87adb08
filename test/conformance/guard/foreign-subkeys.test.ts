import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { config, enums, PublicKey, PublicSubkeyPacket, readKey, readPrivateKey, SignaturePacket } from 'openpgp'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { currentOf, done, masterOf, newKeyFor, ringsOf, upload } from './own-keys.ts'
import { newKeyOwner, newPerson, type Person } from './person.ts'

/** The primary key of one certificate as a subkey of another one, with a signature or without. */
async function withForeign(secret: Uint8Array, foreign: string, binds: boolean, date: Date): Promise<Uint8Array> {
  const { keyPacket } = await readKey({ armoredKey: foreign })
  const key = await readPrivateKey({ binaryKey: secret })
  const packet = new PublicSubkeyPacket()
  const fields = keyPacket as unknown as Record<string, unknown>
  for (const name of ['version', 'created', 'algorithm', 'publicParams', 'keyID', 'fingerprint'])
    Object.assign(packet, { [name]: fields[name] })
  const list = key.toPublic().toPacketList()
  list.push(packet as never)
  if (binds) {
    const signature = new SignaturePacket()
    Object.assign(signature, {
      signatureType: enums.signature.subkeyBinding,
      publicKeyAlgorithm: key.keyPacket.algorithm,
      hashAlgorithm: enums.hash.sha256,
      keyFlags: new Uint8Array([enums.keyFlags.encryptCommunication]),
    })
    const signing = signature as unknown as { sign(...given: unknown[]): Promise<void> }
    await signing.sign(key.keyPacket, { key: key.keyPacket, bind: packet }, date, false, config)
    list.push(signature as never)
  }
  return new PublicKey(list).write()
}

onEveryEngine('a key with the key of somebody else in it', (engine) => {
  let house: House
  let owner: Person
  before(async () => {
    house = await startHouse({ engine })
    owner = await newKeyOwner(house, 'owner@example.org')
    house.clock.turn(5000)
  })
  after(() => house.stop())

  const asksFor = async (id: string): Promise<string> => {
    const writer = await newPerson(house, `writer-${id.length}-${Math.trunc(house.clock.now())}@example.org`)
    house.clock.turn(1000)
    return (await writer.call('GET', `/oxguard/keys?action=getRecipKey&keyid=${id}`)).json.data?.recipientEmail
  }

  it('loses it where it was not bound, and is found by its own ids alone', async () => {
    const thief = await newPerson(house, 'appends@example.org')
    const { publicRing } = await currentOf(owner)
    const { secret, info } = await newKeyFor(house, thief.email)
    await done(upload(thief, await withForeign(secret, publicRing.ring, false, new Date(house.clock.now()))))
    const [ring] = await ringsOf(thief)
    assert.deepEqual(
      ring!.publicRing.keys.map(({ keyId }) => keyId),
      info.keys.map(({ keyId }) => keyId),
    )
    const { keyId, fingerprint } = masterOf(await currentOf(owner))
    for (const id of [keyId, fingerprint]) assert.equal(await asksFor(id), owner.email)
    assert.equal(await asksFor(info.keyId), thief.email)
  })

  it('is not found in the place of that key where it did bind it', async () => {
    const thief = await newPerson(house, 'binds@example.org')
    const { publicRing } = await currentOf(owner)
    const { secret } = await newKeyFor(house, thief.email)
    await done(upload(thief, await withForeign(secret, publicRing.ring, true, new Date(house.clock.now()))))
    const master = masterOf(await currentOf(owner))
    const [ring] = await ringsOf(thief)
    assert.ok(ring!.publicRing.keys.some(({ keyId }) => keyId === master.keyId))
    for (const id of [master.keyId, master.fingerprint]) assert.equal(await asksFor(id), owner.email)
    // Among one's own rings too, the one whose primary key it is comes first.
    const both = await newKeyOwner(house, 'both@example.org')
    const own = await currentOf(both)
    house.clock.turn(5000)
    const made = await newKeyFor(house, both.email)
    const file = await withForeign(made.secret, own.publicRing.ring, true, new Date(house.clock.now()))
    await done(upload(both, file))
    await done(both.call('PUT', `/oxguard/keys?action=setCurrentKey&keyid=${made.info.keyId}`))
    const id = masterOf(own).keyId
    const found = await done(both.call('POST', `/oxguard/keys?action=getKey&keyid=${id}&keyType=public`))
    assert.equal(found.publicRing.keys[0].keyId, id)
  })

  it('is not meant by a whole fingerprint that only ends alike', async () => {
    const { fingerprint } = masterOf(await currentOf(owner))
    const alike = `${'0'.repeat(24)}${fingerprint.slice(-16)}`
    assert.equal(await asksFor(fingerprint), owner.email)
    assert.equal(await asksFor(alike), undefined)
    const own = await owner.call('POST', `/oxguard/keys?action=getKey&keyid=${alike}&keyType=public`)
    assert.equal(own.json.code, 'GRD-KEY-0002')
  })
})
