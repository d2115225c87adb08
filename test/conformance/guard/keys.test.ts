import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { currentCertificate, unlockedSecrets, verificationCertificates } from '#src/domain/keys/keys.ts'
import { armor } from '#src/lib/openpgp/armor.ts'
import { engine as openpgp } from '#src/lib/openpgp/engine.ts'
import type { GeneratedKey, KeyAlgorithm } from '#src/lib/openpgp/types.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { assertError, KEY_PASSWORD, newKeyOwner, newPerson, origin, type Person, tokenOf } from './person.ts'

const DAY = 86_400

onEveryEngine('Guard keys', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  const generate = (email: string, more: { validSeconds?: number; now?: number; algorithm?: KeyAlgorithm } = {}) =>
    openpgp.generate({
      userIds: [{ name: 'Brought', email }],
      algorithm: 'curve25519',
      validSeconds: 0,
      now: house.clock.now(),
      ...more,
    })
  const locked = ({ secret }: GeneratedKey, password = 'old password') => openpgp.exportLocked({ secret, password })
  const publicArmor = ({ certificate }: { certificate: Uint8Array }) => armor('PUBLIC KEY BLOCK', certificate)
  const upload = (person: Person, key: string | Uint8Array, fields: Record<string, string> = {}): Promise<Reply> => {
    const body = new FormData()
    body.set('key', new Blob([Buffer.from(key as string)]), 'key.asc')
    for (const [name, value] of Object.entries(fields)) body.set(name, value)
    return person.call('POST', '/oxguard/keys?action=upload', { body })
  }
  const passwords = { keyPassword: 'old password', newPassword: KEY_PASSWORD }
  const getKeys = async (person: Person) =>
    (await person.call('GET', '/oxguard/keys?action=getKeys')).json.data.keyRings
  const getKey = (person: Person, query = '', form: Record<string, string> = {}) =>
    person.call('POST', `/oxguard/keys?action=getKey${query}`, { form })
  const decimal = (hex: string) => BigInt.asIntN(64, BigInt(`0x${hex}`)).toString()

  it('makes a key, which becomes the current one', async () => {
    const person = await newPerson(house, 'create@example.org')
    const hasKey = () => person.call('GET', '/oxguard/keys?action=hasKey')
    assert.deepEqual((await hasKey()).json.data, { hasPublicKey: false, hasPrivateKey: false })
    const create = (form: Record<string, string>) => person.call('POST', '/oxguard/keys?action=create', { form })
    assertError(await create({ name: 'Anna' }), 'GRD-AUTH-0001', 'USER_INPUT')
    assertError(await create({ password: KEY_PASSWORD }), 'SVL-0002', 'ERROR')
    const short = await create({ name: 'Anna', password: '1234567' })
    assertError(short, 'GRD-AUTH-0003', 'USER_INPUT')
    assert.deepEqual(short.json.error_params, [8])
    assertError(await create({ name: 'Anna <other@example.org>', password: KEY_PASSWORD }), 'SVL-0010', 'ERROR')
    const { data } = (await create({ name: 'Anna Ä', password: KEY_PASSWORD, email: 'second@example.org' })).json
    assert.equal(data.current, true)
    const [master, sub] = data.publicRing.keys
    assert.deepEqual([master.masterKey, sub.masterKey], [true, false])
    assert.deepEqual(master.userIds, ['Anna Ä <create@example.org>'])
    assert.deepEqual([master.usedForSigning, sub.usedForEncryption, sub.userIds], [true, true, []])
    assert.deepEqual([master.validSeconds, master.creationTime], [730 * DAY, house.clock.now()])
    assert.match(data.publicRing.ring, /^-----BEGIN PGP PUBLIC KEY BLOCK-----/)
    assert.equal('ring' in data.privateRing, false)
    assert.deepEqual((await hasKey()).json.data, { hasPublicKey: true, hasPrivateKey: true })
    const second = (await create({ name: 'Anna', password: 'another password' })).json.data
    const rings = await getKeys(person)
    assert.deepEqual(
      rings.map((ring: { current: boolean }) => ring.current),
      [true, false],
    )
    assert.equal(rings[0].publicRing.keys[0].keyId, second.publicRing.keys[0].keyId)
  })

  it('writes ids so that a client may cut them out of the raw text', async () => {
    const person = await newPerson(house, 'rawtext@example.org')
    const signs = new Set<string>()
    for (let count = 0; count < 40 && signs.size < 2; count++) {
      const fresh = await generate('rawtext@example.org')
      await upload(person, publicArmor(fresh))
      const reply = await person.call('POST', `/oxguard/keys?action=getKey&keyType=public&keyid=${fresh.info.keyId}`)
      const from = reply.text.indexOf('"masterKey":true')
      const start = reply.text.indexOf('"id":', from)
      const id = reply.text.slice(start + 5, reply.text.indexOf('},', start))
      assert.equal(id, decimal(fresh.info.keyId))
      const found = await getKey(person, `&keyType=public&keyid=${id}`)
      assert.equal(found.json.data.publicRing.keys[0].keyId, fresh.info.keyId)
      signs.add(id.startsWith('-') ? 'negative' : 'positive')
    }
    assert.equal(signs.size, 2)
  })

  it('finds a ring by any spelling of any of its ids', async () => {
    const person = await newKeyOwner(house, 'ids@example.org')
    const [ring] = await getKeys(person)
    const [master, sub] = ring.publicRing.keys
    for (const { keyId, fingerprint } of [master, sub]) {
      const spellings = [
        decimal(keyId),
        BigInt(`0x${keyId}`).toString(),
        keyId,
        `0x${keyId.toLowerCase()}`,
        keyId.slice(-8),
        fingerprint,
      ]
      for (const spelling of spellings) {
        const { data } = (await getKey(person, `&keyType=public&keyid=${spelling}`)).json
        assert.equal(data?.publicRing.keys[0].keyId, master.keyId, spelling)
      }
    }
    assertError(await getKey(person, '&keyid=123'), 'GRD-KEY-0002', 'USER_INPUT')
    const bad = await getKey(person, '&keyid=xyz')
    assertError(bad, 'SVL-0010', 'ERROR')
    assert.deepEqual(bad.json.error_params, ['keyid', 'xyz'])
    assertError(await getKey(person, '&keyType=both'), 'SVL-0010', 'ERROR')
  })

  it('shows nobody the keys of somebody else', async () => {
    const owner = await newKeyOwner(house, 'owner@example.org')
    const thief = await newKeyOwner(house, 'thief@example.org')
    const [ring] = await getKeys(owner)
    const keyid = ring.publicRing.keys[0].keyId
    const form = { password: KEY_PASSWORD }
    const foreign = await getKey(thief, `&keyid=${keyid}`, form)
    assertError(foreign, 'GRD-KEY-0002', 'USER_INPUT')
    const unknown = await getKey(thief, '&keyid=0123456789ABCDEF', form)
    assert.deepEqual({ ...foreign.json, error_id: '' }, { ...unknown.json, error_id: '' })
    const download = await thief.call('POST', `/oxguard/keys?action=downloadKey&keyid=${keyid}`, { form })
    assertError(download, 'GRD-KEY-0002', 'USER_INPUT')
    const current = await thief.call('PUT', `/oxguard/keys?action=setCurrentKey&keyid=${keyid}`)
    assertError(current, 'GRD-KEY-0002', 'USER_INPUT')
  })

  it('gives the private armor for its password only, and locked', async () => {
    const person = await newKeyOwner(house, 'armor@example.org')
    const without = (await getKey(person)).json.data
    assert.ok(without.publicRing.ring)
    assert.equal('ring' in without.privateRing, false)
    assertError(await getKey(person, '&keyType=private'), 'GRD-AUTH-0001', 'USER_INPUT')
    assertError(await getKey(person, '', { password: 'wrong' }), 'PGP-CORE-0003', 'USER_INPUT')
    const only = (await getKey(person, '&keyType=public', { password: 'wrong' })).json.data
    assert.equal('privateRing' in only, false)
    const { data } = (await getKey(person, '&keyType=private', { password: KEY_PASSWORD })).json
    assert.equal('publicRing' in data, false)
    const { rings } = await openpgp.inspect({ bytes: Buffer.from(data.privateRing.ring), now: house.clock.now() })
    assert.equal(rings[0]?.locked, true)
    await openpgp.unlock({ secret: rings[0]!.secret!, password: KEY_PASSWORD })
    const nobody = await newPerson(house, 'unarmed@example.org')
    assertError(await getKey(nobody), 'GRD-KEY-0001', 'USER_INPUT')
  })

  it('downloads armor as a file', async () => {
    const person = await newKeyOwner(house, 'download@example.org')
    const download = (keyType: string, form: Record<string, string> = {}) =>
      person.call('POST', `/oxguard/keys?action=downloadKey${keyType && `&keyType=${keyType}`}`, { form })
    const kinds = {
      public: ['PUBLIC'],
      private: ['PRIVATE'],
      public_private: ['PUBLIC', 'PRIVATE'],
      '': ['PUBLIC', 'PRIVATE'],
    }
    for (const [keyType, blocks] of Object.entries(kinds)) {
      const reply = await download(keyType, { password: KEY_PASSWORD })
      assert.equal(reply.headers.get('content-type'), 'application/pgp-keys')
      const name = keyType || 'public_private'
      assert.equal(reply.headers.get('content-disposition'), `attachment; filename="${name}.asc"`)
      const found = [...reply.text.matchAll(/BEGIN PGP (\w+) KEY/g)].map(([, kind]) => kind)
      assert.deepEqual(found, blocks)
    }
    assert.match((await download('public')).text, /^-----BEGIN PGP PUBLIC/)
    assertError(await download('private'), 'GRD-AUTH-0001', 'USER_INPUT')
    assertError(await download('', { password: 'wrong' }), 'PGP-CORE-0003', 'USER_INPUT')
    const events = await house.ctx.db.selectFrom('audit').select('event').where('event', '=', 'key.exported').execute()
    assert.ok(events.length >= 3)
  })

  it('takes own keys in, private and public, armored and binary', async () => {
    const person = await newKeyOwner(house, 'upload@example.org')
    const fresh = await generate('Upload@Example.org')
    const reply = await upload(person, await locked(fresh), passwords)
    const [ring] = reply.json.data.keyRings
    assert.deepEqual([ring.current, ring.publicRing.keys[0].keyId], [true, fresh.info.keyId])
    const form = { password: KEY_PASSWORD }
    assert.ok((await getKey(person, `&keyid=${fresh.info.keyId}`, form)).json.data.privateRing.ring)
    const signed = await person.signed()
    // One password opens both: the key made here, and the one brought.
    const secrets = await unlockedSecrets(house.ctx, { signed, proof: { password: KEY_PASSWORD }, origin })
    assert.equal(secrets.all.length, 2)
    const bare = await generate('upload@example.org')
    const kept = await upload(person, bare.certificate)
    assert.equal('privateRing' in kept.json.data.keyRings[0], false)
    assert.equal(kept.json.data.keyRings[0].current, false)
    assertError(await getKey(person, `&keyType=private&keyid=${bare.info.keyId}`, form), 'PGP-CORE-0002', 'ERROR')
    // Its secret comes later: one ring, now with both parts.
    const later = await upload(person, await locked(bare), passwords)
    assert.equal(later.json.data.keyRings[0].privateRing.keys[0].hasPrivateKey, true)
    assert.equal((await getKeys(person)).length, 3)
    const first = await newPerson(house, 'first@example.org')
    const own = await upload(first, publicArmor(await generate('first@example.org')))
    assert.equal(own.json.data.keyRings[0].current, true)
    assert.deepEqual((await first.call('GET', '/oxguard/keys?action=hasKey')).json.data, {
      hasPublicKey: true,
      hasPrivateKey: false,
    })
  })

  it('takes several keys of one file, also twice the same', async () => {
    const person = await newPerson(house, 'several@example.org')
    const [one, two] = [await generate('several@example.org'), await generate('several@example.org')]
    const file = publicArmor(one) + (await locked(one)) + publicArmor(two)
    const { keyRings } = (await upload(person, file, passwords)).json.data
    assert.equal(keyRings.length, 2)
    assert.deepEqual(
      keyRings.map((ring: { current: boolean; privateRing?: unknown }) => [ring.current, 'privateRing' in ring]),
      [
        [true, true],
        [false, false],
      ],
    )
  })

  it('reads the form that a client wrote by hand, without its closing boundary', async () => {
    const person = await newPerson(house, 'byhand@example.org')
    const key = publicArmor(await generate('byhand@example.org'))
    const body = `--frontier\r\nContent-Disposition: form-data; name="key"\r\n\r\n${key}\r\n--frontier`
    const headers = { 'Content-Type': 'multipart/form-data; boundary=frontier' }
    const reply = await person.call('POST', '/oxguard/keys?action=upload', { body, headers })
    assert.equal(reply.json.data?.keyRings.length, 1, reply.text)
  })

  it('refuses files that are no key of the user', async () => {
    const person = await newPerson(house, 'refused@example.org')
    const own = await generate('refused@example.org')
    assertError(await upload(person, 'garbage'), 'GRD-KEY-0003', 'USER_INPUT')
    assertError(await upload(person, Buffer.from([0xc6, 0xff, 0, 0])), 'GRD-KEY-0003', 'USER_INPUT')
    const cut = publicArmor({ certificate: own.certificate.slice(0, 100) })
    assertError(await upload(person, cut), 'GRD-KEY-0003', 'USER_INPUT')
    const foreign = await generate('somebody@else.example')
    assertError(await upload(person, publicArmor(foreign)), 'GRD-KEY-0004', 'USER_INPUT')
    assertError(await upload(person, publicArmor(own) + publicArmor(foreign)), 'GRD-KEY-0004', 'USER_INPUT')
    assert.equal((await getKeys(person)).length, 0)
    const large = await upload(person, Buffer.alloc(2 * 1024 * 1024, 'x'))
    assert.equal(large.status, 413)
    assertError(large, 'GRD-KEY-0007', 'USER_INPUT')
    const empty = await person.call('POST', '/oxguard/keys?action=upload', { body: new FormData() })
    assert.ok(['SVL-0002', 'SVL-0009'].includes(empty.json.code), empty.text)
    const secret = await locked(own)
    assertError(await upload(person, secret), 'GRD-AUTH-0001', 'USER_INPUT')
    assertError(await upload(person, secret, { newPassword: KEY_PASSWORD }), 'GRD-AUTH-0001', 'USER_INPUT')
    assertError(await upload(person, secret, { ...passwords, keyPassword: 'wrong' }), 'PGP-CORE-0003', 'USER_INPUT')
    assertError(await upload(person, secret, { ...passwords, newPassword: 'short' }), 'GRD-AUTH-0003', 'USER_INPUT')
    assert.equal((await getKeys(person)).length, 0)
  })

  it('joins what comes again with what is there', async () => {
    const person = await newPerson(house, 'again@example.org')
    const fresh = await generate('again@example.org')
    await upload(person, await locked(fresh), passwords)
    const { now } = { now: house.clock.now() }
    const more = await openpgp.addUserId({ secret: fresh.secret, name: 'Work', email: 'again@work.example', now })
    const { keyRings } = (await upload(person, publicArmor(more))).json.data
    assert.equal(keyRings[0].publicRing.keys[0].userIds.length, 2)
    assert.equal((await getKeys(person)).length, 1)
    // The sealed secret has not heard of it; what leaves the house has.
    const { data } = (await getKey(person, '', { password: KEY_PASSWORD })).json
    const { rings } = await openpgp.inspect({ bytes: Buffer.from(data.privateRing.ring), now })
    assert.equal(rings[0]?.info.userIds.length, 2)
    // Brought again under another password, it has that one from now on.
    await upload(person, await locked(fresh), { ...passwords, newPassword: 'quite another one' })
    assertError(await getKey(person, '', { password: KEY_PASSWORD }), 'PGP-CORE-0003', 'USER_INPUT')
    assert.ok((await getKey(person, '', { password: 'quite another one' })).json.data.privateRing.ring)
  })

  it('makes another ring the current one, but none that nobody could write to', async () => {
    const person = await newKeyOwner(house, 'current@example.org')
    const first = (await getKeys(person))[0].publicRing.keys[0].keyId
    const put = (keyid: string) => person.call('PUT', `/oxguard/keys?action=setCurrentKey&keyid=${keyid}`)
    const expired = await generate('current@example.org', {
      validSeconds: DAY,
      now: house.clock.now() - 3 * DAY * 1000,
    })
    const revokedBase = await generate('current@example.org')
    const now = house.clock.now()
    const revoked = await openpgp.revoke({ secret: revokedBase.secret, reason: 'retired', now })
    for (const [key, id] of [
      [publicArmor(expired), expired.info.keyId],
      [publicArmor(revoked), revoked.info.keyId],
    ] as const) {
      const { keyRings } = (await upload(person, key)).json.data
      const [master] = keyRings[0].publicRing.keys
      assert.deepEqual([keyRings[0].current, master.expired || master.revoked], [false, true])
      assertError(await put(id), 'GRD-KEY-0005', 'USER_INPUT')
    }
    const good = await generate('current@example.org')
    await upload(person, publicArmor(good))
    const done = await put(decimal(good.info.keyId))
    assert.deepEqual([done.status, done.text], [200, '{}'])
    assert.equal((await getKeys(person))[0].publicRing.keys[0].keyId, good.info.keyId)
    await put(first)
    assert.equal((await getKeys(person))[0].publicRing.keys[0].keyId, first)
    assertError(await put(''), 'SVL-0002', 'ERROR')
  })

  it('keeps exactly one ring current when several are made at the same instant', async () => {
    const person = await newPerson(house, 'atonce@example.org')
    const form = { name: 'Anna', password: KEY_PASSWORD }
    const made = await Promise.all(
      Array.from({ length: 4 }, () => person.call('POST', '/oxguard/keys?action=create', { form })),
    )
    assert.deepEqual(new Set(made.map(({ json }) => json.data?.current)), new Set([true]))
    const rings = await getKeys(person)
    assert.equal(rings.length, 4)
    assert.equal(rings.filter((ring: { current: boolean }) => ring.current).length, 1)
  })

  it('opens with one password what it locks, and nothing else', async () => {
    const person = await newKeyOwner(house, 'mixed@example.org')
    await upload(person, await locked(await generate('mixed@example.org')), {
      ...passwords,
      newPassword: 'an other password',
    })
    const signed = await person.signed()
    const old = await unlockedSecrets(house.ctx, { signed, proof: { password: KEY_PASSWORD }, origin })
    assert.deepEqual([old.all.length, old.current], [1, null])
    const token = await tokenOf(person, 'an other password')
    const current = await unlockedSecrets(house.ctx, { signed, proof: { token }, origin })
    assert.equal(current.all.length, 1)
    assert.ok(current.current)
  })

  it('gives the mail room the certificates of our people', async () => {
    const { ctx } = house
    const person = await newKeyOwner(house, 'mail@example.org')
    const account = (await findByAddress(ctx, 'mail@example.org'))!
    const found = await currentCertificate(ctx, 'Mail@Example.org')
    assert.equal(found?.account, account.id)
    assert.equal(await currentCertificate(ctx, 'nobody@example.org'), null)
    await newPerson(house, 'nokey@example.org')
    assert.equal(await currentCertificate(ctx, 'nokey@example.org'), null)
    await person.call('POST', '/oxguard/keys?action=create', { form: { name: 'Anna', password: KEY_PASSWORD } })
    assert.equal((await verificationCertificates(ctx, ['mail@example.org', 'mail@example.org'])).length, 2)
    house.clock.turn(3651 * DAY * 1000)
    assert.equal(await currentCertificate(ctx, 'mail@example.org'), null)
  })

  it('keeps no password and no open secret', async () => {
    const rows = await house.ctx.db.selectFrom('key_ring').selectAll().execute()
    assert.ok(rows.length > 10)
    for (const { secret } of rows) {
      if (!secret) continue
      await assert.rejects(openpgp.inspect({ bytes: secret, now: house.clock.now() }))
    }
    const audit = await house.ctx.db.selectFrom('audit').select('detail').execute()
    assert.equal(
      audit.some(({ detail }) => detail.includes(KEY_PASSWORD)),
      false,
    )
  })
})
