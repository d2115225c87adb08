import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { armor } from '#src/lib/openpgp/armor.ts'
import { openPgpPool } from '#src/lib/openpgp/pool.ts'
import type { GeneratedKey } from '#src/lib/openpgp/types.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { assertError, newPerson, type Person, signIn } from './person.ts'

const openpgp = openPgpPool({ size: 1, queueLimit: 100 })
after(() => openpgp.close())

onEveryEngine('keys of others', (engine) => {
  let house: House
  let anna: Person
  let ben: Person
  before(async () => {
    house = await startHouse({ engine })
    anna = await newPerson(house, 'anna@example.org')
    ben = await newPerson(house, 'ben@example.org')
  })
  after(() => house.stop())

  const generate = (...emails: string[]) =>
    openpgp.generate({
      userIds: emails.map((email) => ({ name: 'Else', email })),
      algorithm: 'curve25519',
      validSeconds: 0,
      now: house.clock.now(),
    })
  const publicArmor = ({ certificate }: { certificate: Uint8Array }) => armor('PUBLIC KEY BLOCK', certificate)
  const send = (person: Person, body: FormData | string | Buffer, headers = {}): Promise<Reply> =>
    person.call('POST', '/oxguard/keys?action=uploadExternalPublicKey', { body, headers })
  const upload = (person: Person, key: string | Uint8Array): Promise<Reply> => {
    const body = new FormData()
    body.set('key', new Blob([Buffer.from(key as string)]), 'key.asc')
    return send(person, body)
  }
  const list = async (person: Person, query = '') =>
    (await person.call('GET', `/oxguard/keys?action=getExternalPublicKeys${query}`)).json.data.externalPublicKeyRings
  const act = (person: Person, method: string, query: string) => person.call(method, `/oxguard/keys?action=${query}`)
  const ringsIn = (reply: Reply) => {
    assert.equal(reply.json.error, undefined, reply.text)
    return reply.json.data.externalPublicKeyRings
  }
  const decimal = (hex: string) => BigInt.asIntN(64, BigInt(`0x${hex}`)).toString()

  it('are uploaded, shown as the contract has it, and found by nobody else', async () => {
    const key = await generate('else@elsewhere.test')
    const reply = await upload(anna, publicArmor(key))
    assert.equal('warnings' in reply.json, false)
    const [ring] = ringsIn(reply)
    const { keys } = key.info
    assert.equal(ring.ids, keys.map(({ keyId }) => decimal(keyId)).join(','))
    assert.deepEqual([ring.share, ring.shared, ring.inline, ring.owned], [false, false, false, true])
    assert.match(ring.publicRing.ring, /^-----BEGIN PGP PUBLIC KEY BLOCK-----/)
    assert.deepEqual(ring.publicRing.keys[0].userIds, ['Else <else@elsewhere.test>'])
    assert.deepEqual(
      ring.publicRing.keys.map((one: { masterKey: boolean; hasPrivateKey: boolean }) => [
        one.masterKey,
        one.hasPrivateKey,
      ]),
      [
        [true, false],
        [false, false],
      ],
    )
    assert.ok(reply.text.includes(`"masterKey":true,"id":${decimal(key.info.keyId)}}`), 'ids are bare numbers')
    const shown = await list(anna)
    assert.deepEqual([shown.length, shown[0].ids], [1, ring.ids])
    assert.deepEqual(await list(ben), [])
    assert.deepEqual(await list(anna, '&keyType=autocrypt'), [])
    assertError(await act(anna, 'GET', 'getExternalPublicKeys&keyType=smime'), 'SVL-0010', 'ERROR')
  })

  it('arrive in a form made by hand, binary, and several in one file', async () => {
    const person = await newPerson(house, 'byhand@example.org')
    const [one, two] = [await generate('one@elsewhere.test'), await generate('two@elsewhere.test')]
    const byHand = `--XX\r\nContent-Disposition: form-data; name="key"\r\n\r\n${publicArmor(one)}\r\n--XX`
    const sent = await send(person, byHand, { 'Content-Type': 'multipart/form-data; boundary=XX' })
    assert.equal(ringsIn(sent).length, 1)
    const both = Buffer.concat([one.certificate, two.certificate])
    assert.deepEqual(
      ringsIn(await upload(person, both)).map((ring: { ids: string }) => ring.ids.split(',')[0]),
      [decimal(one.info.keyId), decimal(two.info.keyId)],
    )
    assert.equal(ringsIn(await upload(person, publicArmor(one) + publicArmor(two))).length, 2)
    assert.equal((await list(person)).length, 2, 'known ones are not there twice')
  })

  it('merge with what is known: what was learnt is not lost', async () => {
    const person = await newPerson(house, 'merge@example.org')
    const key = await generate('merge@elsewhere.test')
    const { secret, certificate } = key
    const more = await openpgp.addUserId({ secret, name: 'More', email: 'more@elsewhere.test', now: house.clock.now() })
    const revoked = await openpgp.revoke({ secret, reason: 'none', now: house.clock.now() })
    await upload(person, more.certificate)
    const [joined] = ringsIn(await upload(person, revoked.certificate))
    assert.deepEqual([joined.publicRing.keys[0].revoked, joined.publicRing.keys[0].userIds.length], [true, 2])
    // The old form of it does not bring it back to life.
    const [again] = ringsIn(await upload(person, certificate))
    assert.equal(again.publicRing.keys[0].revoked, true)
    assert.equal((await list(person)).length, 1)
  })

  it('lose their secret parts on the way, and the answer says so', async () => {
    const key = await generate('secret@elsewhere.test')
    const locked = await openpgp.exportLocked({ secret: key.secret, password: 'pw' })
    for (const file of [locked, key.secret]) {
      const reply = await upload(anna, file)
      const [ring] = ringsIn(reply)
      assert.doesNotMatch(ring.publicRing.ring, /PRIVATE/)
      assert.equal(reply.json.warnings[0].categories, 'WARNING')
      assert.match(reply.json.warnings[0].error, /secret/)
    }
    assert.doesNotMatch(JSON.stringify(await list(anna)), /PRIVATE|"hasPrivateKey":true/)
  })

  it('are refused as a whole where nothing can be read, or it is too much', async () => {
    const before = (await list(anna)).length
    assertError(await upload(anna, 'not a key'), 'GRD-KEY-0003', 'USER_INPUT')
    assertError(await upload(anna, Buffer.from([0x99, 0x01, 0x0d, 4, 0])), 'GRD-KEY-0003', 'USER_INPUT')
    assertError(await upload(anna, ''), 'GRD-KEY-0003', 'USER_INPUT')
    const empty = new FormData()
    empty.set('other', 'x')
    assertError(await send(anna, empty), 'SVL-0002', 'ERROR')
    const large = await upload(anna, Buffer.alloc(1024 * 1024 + 1, 'x'))
    assert.deepEqual([large.json.code, large.json.category], ['GRD-KEY-0007', 1])
    const huge = await upload(anna, Buffer.alloc(2 * 1024 * 1024, 'x'))
    assert.deepEqual([huge.status, huge.json.code], [413, 'GRD-KEY-0007'])
    assert.equal((await list(anna)).length, before)
  })

  it('are shared with the tenant by their owner, and by nobody else', async () => {
    const key = await generate('shared@elsewhere.test')
    const [{ ids }] = ringsIn(await upload(anna, publicArmor(key)))
    const share = (person: Person, value: string, keyids = ids) =>
      act(person, 'PUT', `shareExternalPublicKey&keyids=${encodeURIComponent(keyids)}&share=${value}`)
    const seen = async () => (await list(ben)).find((ring: { ids: string }) => ring.ids === ids)
    const shared = await share(anna, 'TRUE')
    assert.deepEqual([shared.status, shared.json], [200, {}])
    const ring = await seen()
    assert.deepEqual([ring.share, ring.owned], [true, false])
    for (const foreign of [await share(ben, 'false'), await share(ben, 'false', key.info.fingerprint)])
      assertError(foreign, 'GRD-KEY-0002', 'USER_INPUT')
    assertError(await act(ben, 'DELETE', `deleteExternalPublicKey&keyids=${ids}`), 'GRD-KEY-0002', 'USER_INPUT')
    assertError(
      await act(ben, 'PUT', `inlineExternalPublicKey&keyids=${ids}&inline=true`),
      'GRD-KEY-0002',
      'USER_INPUT',
    )
    assert.ok(await seen())
    // Who uploads it himself has his own, and sees it once.
    await upload(ben, publicArmor(key))
    assert.equal((await seen()).owned, true)
    assert.equal((await act(ben, 'DELETE', `deleteExternalPublicKey&keyids=${ids}`)).json.error, undefined)
    assert.equal((await seen()).owned, false)
    assert.deepEqual((await share(anna, 'false')).json, {})
    assert.equal(await seen(), undefined)
  })

  it('of another tenant are not shown', async () => {
    const stranger = await newPerson(house, 'stranger@example.org')
    await house.ctx.database.query
      .updateTable('account')
      .set({ tenant: 99 })
      .where('email', '=', stranger.email)
      .execute()
    const key = await generate('elsewhere@elsewhere.test')
    const [{ ids }] = ringsIn(await upload(stranger, publicArmor(key)))
    await act(stranger, 'PUT', `shareExternalPublicKey&keyids=${ids}&share=true`)
    const all = await list(ben)
    assert.equal(
      all.some((ring: { ids: string }) => ring.ids === ids),
      false,
    )
  })

  it('take back the ids they were shown with, or a fingerprint, and nothing that is neither', async () => {
    const key = await generate('ids@elsewhere.test')
    const [{ ids }] = ringsIn(await upload(anna, publicArmor(key)))
    const inline = (keyids: string, value = 'true') =>
      act(anna, 'PUT', `inlineExternalPublicKey&keyids=${encodeURIComponent(keyids)}&inline=${value}`)
    const isInline = async () => (await list(anna)).find((ring: { ids: string }) => ring.ids === ids).inline
    const { fingerprint, keyId } = key.info
    for (const form of [ids, fingerprint, fingerprint.toLowerCase(), keyId, `0x${keyId}`, ids.split(',')[0]]) {
      assert.deepEqual((await inline(form)).json, {}, form)
      assert.equal(await isInline(), true)
      await inline(form, 'false')
      assert.equal(await isInline(), false)
    }
    assertError(await inline('hello'), 'SVL-0010', 'ERROR')
    assertError(await inline(`${ids},hello`), 'SVL-0010', 'ERROR')
    assertError(await inline('12345'), 'GRD-KEY-0002', 'USER_INPUT')
    assertError(await inline(key.info.keys[1]!.keyId), 'GRD-KEY-0002', 'USER_INPUT')
    assertError(await inline(ids, 'yes'), 'SVL-0010', 'ERROR')
    assertError(await inline(ids, '1'), 'SVL-0010', 'ERROR')
    assertError(await act(anna, 'PUT', `inlineExternalPublicKey&keyids=${ids}`), 'SVL-0002', 'ERROR')
    assertError(await act(anna, 'PUT', 'inlineExternalPublicKey&inline=true'), 'SVL-0002', 'ERROR')
  })

  it('may be of version 6', async () => {
    const person = await newPerson(house, 'six@example.org')
    const key = await openpgp.generate({
      userIds: [{ name: 'Six', email: 'six@elsewhere.test' }],
      algorithm: 'v6',
      validSeconds: 0,
      now: house.clock.now(),
    })
    const [{ ids }] = ringsIn(await upload(person, publicArmor(key)))
    assert.equal(ids.split(',')[0], decimal(key.info.fingerprint.slice(0, 16)))
    for (const keyids of [ids, key.info.fingerprint])
      assert.deepEqual((await act(person, 'PUT', `inlineExternalPublicKey&keyids=${keyids}&inline=true`)).json, {})
    assert.equal((await list(person))[0].inline, true)
  })

  it('are at most five hundred', async () => {
    const person = await newPerson(house, 'many@example.org')
    const { id } = (await person.signed()).account
    const { certificate } = await generate('any@elsewhere.test')
    const rows = Array.from({ length: 499 }, (_, index) => ({
      id: `many-${index}`,
      account_id: id,
      fingerprint: String(index).padStart(40, '0'),
      certificate: Buffer.from(certificate),
      shared: 0,
      inline: 0,
      created: 1,
      modified: 1,
    }))
    const { query } = house.ctx.database
    for (let at = 0; at < rows.length; at += 100)
      await query
        .insertInto('external_key')
        .values(rows.slice(at, at + 100))
        .execute()
    const two = [await generate('one@elsewhere.test'), await generate('two@elsewhere.test')]
    const both = await upload(person, Buffer.concat(two.map((key) => key.certificate)))
    assert.equal(both.json.code, 'GRD-KEY-0007', both.text)
    const count = async () =>
      (await query.selectFrom('external_key').select('id').where('account_id', '=', id).execute()).length
    assert.equal(await count(), 499, 'neither of them was taken')
    assert.equal(ringsIn(await upload(person, two[0]!.certificate)).length, 1)
    assert.equal((await upload(person, two[1]!.certificate)).json.code, 'GRD-KEY-0007')
    assert.equal(ringsIn(await upload(person, two[0]!.certificate)).length, 1, 'one that is there already')
  })

  it('go when they are deleted, once', async () => {
    const key = await generate('delete@elsewhere.test')
    const [{ ids }] = ringsIn(await upload(anna, publicArmor(key)))
    const remove = () => act(anna, 'DELETE', `deleteExternalPublicKey&keyids=${ids}`)
    const both = await Promise.all([remove(), remove()])
    assert.deepEqual(both.map(({ json }) => json.code ?? 'gone').toSorted(), ['GRD-KEY-0002', 'gone'])
    assert.equal(
      (await list(anna)).some((ring: { ids: string }) => ring.ids === ids),
      false,
    )
  })

  it('are kept once when they are uploaded twice at the same instant', async () => {
    const person = await newPerson(house, 'twice@example.org')
    const key = await generate('twice@elsewhere.test')
    const replies = await Promise.all([1, 2, 3, 4].map(() => upload(person, publicArmor(key))))
    for (const reply of replies) assert.equal(ringsIn(reply).length, 1)
    assert.equal((await list(person)).length, 1)
  })

  it('are found by the addresses that they bear, the one that can be used first', async () => {
    const { uploadedFor, sharedFor } = await import('#src/domain/correspondents/correspondents.ts')
    const { account } = await anna.signed()
    const other = (await ben.signed()).account
    const key: GeneratedKey = await generate('Find@elsewhere.test', 'left@elsewhere.test')
    const [{ ids }] = ringsIn(await upload(anna, key.certificate))
    const { ctx } = house
    const found = await uploadedFor(ctx, { account, address: 'FIND@elsewhere.test' })
    assert.deepEqual([found?.fingerprint, found?.inline, found?.verified], [key.info.fingerprint, false, true])
    assert.equal(await uploadedFor(ctx, { account: other, address: 'find@elsewhere.test' }), null)
    assert.equal(await sharedFor(ctx, { account: other, address: 'find@elsewhere.test' }), null)
    await act(anna, 'PUT', `shareExternalPublicKey&keyids=${ids}&share=true`)
    await act(anna, 'PUT', `inlineExternalPublicKey&keyids=${ids}&inline=true`)
    const colleagues = await sharedFor(ctx, { account: other, address: 'left@elsewhere.test' })
    assert.deepEqual(
      [colleagues?.fingerprint, colleagues?.inline, colleagues?.verified],
      [key.info.fingerprint, true, false],
    )
    assert.equal(
      await sharedFor(ctx, { account, address: 'find@elsewhere.test' }),
      null,
      'the own one is not a shared one',
    )
    // Of two keys for one address the one that can be used is taken, whichever came last.
    const dead = await generate('find@elsewhere.test')
    await upload(
      anna,
      (await openpgp.revoke({ secret: dead.secret, reason: 'none', now: house.clock.now() })).certificate,
    )
    assert.equal(
      (await uploadedFor(ctx, { account, address: 'find@elsewhere.test' }))?.fingerprint,
      key.info.fingerprint,
    )
  })

  it('are nothing to strangers, and leave with their account', async () => {
    const nobody = await house.call('GET', '/appsuite/api/oxguard/keys?action=getExternalPublicKeys')
    assertError(nobody, 'SES-0201', 'ERROR')
    for (const base of ['/api', '/ajax', '']) {
      const path = `${base}/oxguard/keys?action=getExternalPublicKeys&session=${anna.session}`
      assert.ok((await house.call('GET', path, { headers: { Cookie: anna.cookie } })).json.data, base)
      assertError(await house.call('GET', path), 'SES-0206', 'TRY_AGAIN')
    }
    const leaver = await newPerson(house, 'leaver@example.org')
    await upload(leaver, (await generate('kept@elsewhere.test')).certificate)
    const { account } = await leaver.signed()
    await house.ctx.database.query.deleteFrom('account').where('id', '=', account.id).execute()
    const left = await house.ctx.database.query
      .selectFrom('external_key')
      .where('account_id', '=', account.id)
      .selectAll()
      .execute()
    assert.deepEqual(left, [])
    await signIn(house, anna.email)
  })
})
