import assert from 'node:assert/strict'
import { after, before, it, type TestContext } from 'node:test'
import { unlockedSecrets } from '#src/domain/keys/keys.ts'
import { engine as openpgp } from '#src/lib/openpgp/engine.ts'
import { gnuPg, hasGnuPg } from '#src/lib/openpgp/testing.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import {
  act,
  bring,
  currentOf,
  DAY,
  decimal,
  done,
  infoOf,
  masterOf,
  newKeyFor,
  readArmor,
  ringsOf,
  secretOf,
  upload,
  type WireRing,
} from './own-keys.ts'
import { assertError, KEY_PASSWORD, newKeyOwner, newPerson, origin, PASSWORD, type Person, signIn } from './person.ts'

const data = Buffer.from('was vorher geschrieben wurde')
const form = { password: KEY_PASSWORD }

onEveryEngine('the life of a key', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  const now = () => house.clock.now()
  const sealedTo = async (ring: WireRing): Promise<Uint8Array> => {
    const { certificate } = await readArmor(house, ring.publicRing.ring)
    return Buffer.from(await openpgp.encrypt({ data, recipients: [certificate], now: now() }), 'latin1')
  }
  const opens = async (person: Person, message: Uint8Array, password = KEY_PASSWORD) => {
    const signed = await person.signed()
    const { all } = await unlockedSecrets(house.ctx, { signed, proof: { password }, origin })
    const opened = await openpgp.decrypt({ message, secrets: all, verifyWith: [], now: now() })
    return Buffer.from(opened.data).equals(data)
  }
  /** A session does not last for years. */
  const comesAgain = async (person: Person) => Object.assign(person, await signIn(house, person.email))
  const audited = async (event: string) =>
    (await house.ctx.db.selectFrom('audit').selectAll().where('event', '=', event).execute()).map(
      ({ detail }) => JSON.parse(detail) as Record<string, unknown>,
    )
  const lastingAt = (address: string) =>
    house.ctx.db.selectFrom('lasting_revocation').selectAll().where('address', '=', address).execute()
  const gpgOf = (t: TestContext) => gnuPg(t, now() + 1000)

  it('is made in the kind and for the time that is wished for', async () => {
    const person = await newPerson(house, 'kinds@example.org')
    const create = (more: Record<string, string>) =>
      act(person, 'POST', 'create', { form: { name: 'Kind', ...form, ...more } })
    const rsa = await done(create({ algorithm: 'rsa2048', validDays: '10' }))
    const [master, sub] = rsa.publicRing.keys
    assert.deepEqual([master.algorithm, master.bits, master.validSeconds], ['rsaEncryptSign', 2048, 10 * 86_400])
    assert.equal(sub.validSeconds, 10 * 86_400)
    assert.equal((await done(create({ validDays: '0' }))).publicRing.keys[0].validSeconds, 0)
    const rows = await house.ctx.db.selectFrom('key_ring').select(['fingerprint', 'expires']).execute()
    assert.equal(rows.find((row) => row.fingerprint === master.fingerprint)?.expires, now() + 10 * DAY)
    assertError(await create({ algorithm: 'v6' }), 'SVL-0015', 'PERMISSION_DENIED')
    assertError(await create({ algorithm: 'rsa1024' }), 'SVL-0010', 'ERROR')
    for (const validDays of ['-1', '1.5', '36501', 'x']) assertError(await create({ validDays }), 'SVL-0010', 'ERROR')
    assertError(await create({ email: 'no address' }), 'SVL-0010', 'ERROR')
    assert.equal((await ringsOf(person)).length, 2)
    const told = await house.inbox.next(person.email)
    assert.match(told.text, /fingerprint: ([0-9A-F]{4} ){9}[0-9A-F]{4}/)
  })

  it('is there at once where RSA keys are made ahead, and lives as long as any other', async () => {
    const settings = { CHATELAINE_KEY_ALGORITHM: 'rsa3072', CHATELAINE_KEY_POOL: '1' }
    const rsa = await startHouse({ engine, settings })
    try {
      const ready = rsa.ctx.workers.readyKeys!
      const take = ready.take
      const taken: (Uint8Array | null)[] = []
      Object.assign(ready, { take: () => taken[taken.push(take()) - 1] })
      const person = await newPerson(rsa, 'pool@example.org')
      const create = (more: Record<string, string> = {}) =>
        done(act(person, 'POST', 'create', { form: { name: 'Pool', ...form, validDays: '3', ...more } }))
      await create({ algorithm: 'curve25519' })
      assert.deepEqual(taken, [], 'of another kind than those that are ready')
      let ring: WireRing | undefined
      // It is made when the pool has nothing else to do.
      while (!taken.some(Boolean) && taken.length < 40) {
        await new Promise((resolve) => setTimeout(resolve, 500))
        rsa.clock.turn(60_000)
        ring = await create()
      }
      assert.ok(taken.some(Boolean))
      const [master] = ring!.publicRing.keys
      assert.equal(master!.creationTime + master!.validSeconds * 1000, rsa.clock.now() + 3 * DAY)
    } finally {
      await rsa.stop()
    }
  })

  it('is deleted for its password, and the newest that can be used takes its place', async () => {
    const person = await newPerson(house, 'delete@example.org')
    const first = await bring(house, person)
    house.clock.turn(1000)
    const expired = await bring(house, person, { now: now() - 3 * DAY, validSeconds: 86_400 })
    house.clock.turn(1000)
    const bare = await newKeyFor(house, person.email)
    await done(upload(person, bare.certificate))
    const { info } = await bring(house, person)
    const remove = (keyid: string, more: Record<string, string> = {}) =>
      act(person, 'POST', `delete&keyid=${keyid}`, { form: more })
    assert.equal(masterOf(await currentOf(person)).keyId, info.keyId)
    assertError(await remove(info.keyId), 'GRD-AUTH-0001', 'USER_INPUT')
    assertError(await remove(info.keyId, { password: 'wrong' }), 'PGP-CORE-0003', 'USER_INPUT')
    // The password of another ring, and the id of a subkey, mean another thing.
    assertError(await remove(info.keys[1]!.keyId, form), 'GRD-KEY-0002', 'USER_INPUT')
    assertError(await remove('', form), 'SVL-0002', 'ERROR')
    assertError(await remove('123', form), 'GRD-KEY-0002', 'USER_INPUT')
    assert.equal((await ringsOf(person)).length, 4)
    const gone = await remove(decimal(info.keyId), form)
    assert.deepEqual([gone.status, gone.text], [200, '{}'])
    // Not the expired one, and not the newer public one: it cannot be read with.
    assert.equal(masterOf(await currentOf(person)).keyId, first.info.keyId)
    assertError(await remove(info.keyId, form), 'GRD-KEY-0002', 'USER_INPUT')
    await done(remove(first.info.keyId, form))
    assert.equal(masterOf(await currentOf(person)).keyId, bare.info.keyId)
    await done(remove(expired.info.keyId, form))
    await done(remove(bare.info.keyId))
    assert.deepEqual(await ringsOf(person), [])
    assert.equal((await audited('key.deleted')).length, 4)
    const parts = await house.ctx.db.selectFrom('key_part').select('key_id').execute()
    assert.equal(
      parts.some(({ key_id }) => key_id === info.keyId),
      false,
    )
  })

  it('is cut out of the raw text by a known client, which deletes public keys with an empty body', async () => {
    const person = await newPerson(house, 'rawdelete@example.org')
    const signs = new Set<string>()
    for (let count = 0; count < 40 && signs.size < 2; count++) {
      const { certificate } = await newKeyFor(house, person.email)
      await done(upload(person, certificate))
      const { text } = await act(person, 'POST', 'getKey&keyType=public')
      const start = text.indexOf('"id":', text.indexOf('"masterKey":true')) + 5
      const id = text.slice(start, text.indexOf('},', start))
      assert.match(id, /^-?\d+$/)
      const reply = await person.call('POST', `/oxguard/keys?action=delete&keyid=${id}`)
      assert.deepEqual([reply.status, reply.text], [200, '{}'])
      assert.deepEqual(await ringsOf(person), [])
      signs.add(id.startsWith('-') ? 'negative' : 'positive')
    }
    assert.equal(signs.size, 2)
  })

  it('is deleted with the sign-in password where the key password is forgotten', async () => {
    const person = await newKeyOwner(house, 'dead@example.org', 'forgotten password')
    const { keyId } = masterOf(await currentOf(person))
    const remove = (accountPassword: string) =>
      act(person, 'POST', `delete&keyid=${keyId}`, { form: { accountPassword } })
    const wrong = await remove('wrong')
    assertError(wrong, 'LGI-0006', 'USER_INPUT')
    assert.equal(wrong.json.error, 'The sign-in password is wrong.')
    await done(remove(PASSWORD))
    assert.deepEqual(await ringsOf(person), [])
  })

  it('is revoked: not encrypted to, still read with, and the next one takes its place', async (t) => {
    const person = await newKeyOwner(house, 'revoke@example.org')
    const old = await currentOf(person)
    house.clock.turn(1000)
    const { info } = await bring(house, person)
    const message = await sealedTo(await currentOf(person))
    const revoke = (query: string, more: Record<string, string>) =>
      act(person, 'POST', `revoke${query}`, { form: more })
    const keyid = `&keyid=${decimal(info.keyId)}`
    assertError(await revoke(keyid, {}), 'GRD-AUTH-0001', 'USER_INPUT')
    assertError(await revoke(keyid, { password: 'wrong' }), 'PGP-CORE-0003', 'USER_INPUT')
    assertError(await revoke(keyid, { ...form, reason: 'bored' }), 'SVL-0010', 'ERROR')
    assertError(await revoke('', form), 'SVL-0002', 'ERROR')
    const reply = await revoke(keyid, { ...form, reason: 'key_compromised' })
    assert.deepEqual([reply.status, reply.text], [200, '{}'])
    const rings = await ringsOf(person)
    const ring = rings.find((one) => masterOf(one).keyId === info.keyId)!
    assert.deepEqual(
      [ring.current, masterOf(ring).revoked, ring.publicRing.encryptable, ring.publicRing.reason],
      [false, true, false, 'revoked'],
    )
    assert.equal(masterOf(await currentOf(person)).keyId, masterOf(old).keyId)
    assert.equal(await opens(person, message), true)
    const set = await act(person, 'PUT', `setCurrentKey${keyid}`)
    assertError(set, 'GRD-KEY-0005', 'USER_INPUT')
    assert.equal(set.json.reason, 'revoked')
    // What leaves the house with its secret is revoked as well.
    const secret = await secretOf(house, person, { keyid: info.keyId })
    assert.equal(secret.ring.info.keys[0]?.revoked, true)
    const [lasting] = await lastingAt(person.email)
    const kept = await openpgp.inspect({ bytes: lasting!.certificate, now: now() })
    assert.deepEqual([lasting?.fingerprint, kept.rings[0]?.info.keys[0]?.revoked], [info.fingerprint, true])
    assert.deepEqual(await audited('key.revoked'), [{ key: info.keyId, reason: 'compromised' }])
    for (const told of [/key was made/, /was added/, /Another key of yours is used/, /was revoked/])
      await house.inbox.saying(person.email, told)
    if (!hasGnuPg) return t.diagnostic('gpg is not installed')
    const gpg = gpgOf(t)
    gpg.run(['--import'], ring.publicRing.ring)
    assert.match(gpg.run(['--with-colons', '--list-keys']).toString(), /^pub:r:/m)
  })

  it('is revoked once more for a stronger reason, of which its owner is not told again', async () => {
    const person = await newKeyOwner(house, 'stronger@example.org')
    const { keyId } = masterOf(await currentOf(person))
    const revoke = (reason: string) => done(act(person, 'POST', `revoke&keyid=${keyId}`, { form: { ...form, reason } }))
    await revoke('key_superseded')
    house.clock.turn(1000)
    await revoke('key_compromised')
    const account = house.ctx.db.selectFrom('account').select('id').where('email', '=', person.email)
    const rows = await house.ctx.db.selectFrom('audit').selectAll().where('account_id', '=', account).execute()
    const reasons = rows.filter(({ event }) => event === 'key.revoked').map(({ detail }) => JSON.parse(detail).reason)
    assert.deepEqual(reasons.toSorted(), ['compromised', 'superseded'])
    const queued = house.ctx.db.selectFrom('message').select('id').where('recipient', '=', person.email)
    assert.equal((await queued.execute()).length, 2, 'that it was made, and that it was revoked')
  })

  it('keeps the revocation of a published key when the ring is gone, and none of one that was kept back', async () => {
    const person = await newKeyOwner(house, 'lasting@example.org')
    const { keyId, fingerprint } = masterOf(await currentOf(person))
    await done(act(person, 'POST', `revoke&keyid=${keyId}`, { form }))
    await done(act(person, 'POST', `delete&keyid=${keyId}`, { form }))
    assert.deepEqual(
      (await lastingAt(person.email)).map((row) => row.fingerprint),
      [fingerprint],
    )
    const shy = await newKeyOwner(house, 'shy@example.org')
    const own = masterOf(await currentOf(shy)).keyId
    assertError(await act(shy, 'PUT', 'publish&publish=false'), 'SVL-0002', 'ERROR')
    assertError(await act(shy, 'PUT', `publish&keyid=${own}&publish=perhaps`), 'SVL-0010', 'ERROR')
    assertError(await act(shy, 'PUT', `publish&keyid=${own}`), 'SVL-0002', 'ERROR')
    await done(act(shy, 'PUT', `publish&keyid=${own}&publish=false`))
    assert.equal((await currentOf(shy)).published, false)
    await done(act(shy, 'POST', `revoke&keyid=${own}`, { form }))
    assert.deepEqual(await lastingAt(shy.email), [])
    // It is the only one, and stays the current one: there is a key, though none to encrypt with.
    assert.equal((await currentOf(shy)).publicRing.encryptable, false)
    const hasKey = await done(act(shy, 'GET', 'hasKey'))
    assert.deepEqual(hasKey, { hasPublicKey: true, hasPrivateKey: true })
    await done(act(shy, 'PUT', `publish&keyid=${own}&publish=TRUE`))
    assert.equal((await lastingAt(shy.email)).length, 1)
    const events = await audited('key.withdrawn')
    assert.deepEqual(events, [{ key: own }])
  })

  it('is revoked with the sign-in password, through the second copy', async () => {
    const person = await newKeyOwner(house, 'forgot@example.org', 'forgotten password')
    const ring = await currentOf(person)
    const message = await sealedTo(ring)
    const { keyId } = masterOf(ring)
    const revoke = (accountPassword: string, keyid = keyId) =>
      act(person, 'POST', `revoke&keyid=${keyid}`, { form: { accountPassword, reason: 'key_retired' } })
    assertError(await revoke('wrong'), 'LGI-0006', 'USER_INPUT')
    assert.equal(masterOf(await currentOf(person)).revoked, false)
    await done(revoke(PASSWORD))
    assert.equal(masterOf(await currentOf(person)).revoked, true)
    // Found again, the old password opens it, and it knows of its end.
    assert.equal(await opens(person, message, 'forgotten password'), true)
    const { ring: exported } = await secretOf(house, person, { password: 'forgotten password' })
    assert.equal(exported.info.keys[0]?.revoked, true)
    for (let tries = 0; tries < 6; tries++) await revoke('wrong')
    assertError(await revoke(PASSWORD), 'LGI-0006', 'TRY_AGAIN')
  })

  it('loses one subkey, and nothing else', async () => {
    const person = await newKeyOwner(house, 'subkey@example.org')
    await done(act(person, 'PUT', 'rotate', { form }))
    const [master, fresh, first] = (await currentOf(person)).publicRing.keys
    await done(act(person, 'POST', `revoke&keyid=${decimal(first!.keyId)}`, { form }))
    const ring = await currentOf(person)
    assert.deepEqual(
      ring.publicRing.keys.map(({ keyId, revoked }) => [keyId, revoked]),
      [
        [master!.keyId, false],
        [fresh!.keyId, false],
        [first!.keyId, true],
      ],
    )
    assert.equal(ring.publicRing.encryptable, true)
    assert.deepEqual(await lastingAt(person.email), [])
    // Without any to encrypt with, the next ring is the current one.
    house.clock.turn(-1000)
    const { info } = await bring(house, person)
    house.clock.turn(1000)
    await done(act(person, 'PUT', `setCurrentKey&keyid=${master!.keyId}`))
    await done(act(person, 'POST', `revoke&keyid=${fresh!.fingerprint}`, { form }))
    assert.equal(masterOf(await currentOf(person)).keyId, info.keyId)
  })

  it('is renewed from now on, by its password, by what is left with the session, by the sign-in password', async (t) => {
    const person = await newKeyOwner(house, 'renew@example.org')
    const renew = (options: Record<string, string> = {}, query = '') =>
      act(person, 'PUT', `renew${query}`, { form: options })
    assertError(await renew(), 'GRD-AUTH-0001', 'USER_INPUT')
    const before = masterOf(await currentOf(person))
    house.clock.turn(700 * DAY)
    await comesAgain(person)
    const fresh = await done(renew(form))
    const lives = (ring: WireRing) => ring.publicRing.keys.map((key) => key.creationTime + key.validSeconds * 1000)
    assert.deepEqual(lives(fresh), [now() + 730 * DAY, now() + 730 * DAY])
    assert.equal(masterOf(fresh).keyId, before.keyId)
    const stored = await person.call('POST', '/guard-json?action=auth-token', {
      form: { ...form, minutesValid: '-1' },
    })
    assert.equal(stored.json.error, undefined, stored.text)
    house.clock.turn(1000)
    assert.deepEqual(lives(await done(renew({ validDays: '5' }))), [now() + 5 * DAY, now() + 5 * DAY])
    assertError(await renew({ validDays: '6' }), 'GRD-AUTH-0001', 'USER_INPUT')
    // Expired, it comes to life again.
    house.clock.turn(6 * DAY)
    await comesAgain(person)
    assert.equal((await currentOf(person)).publicRing.reason, 'expired')
    const again = await done(renew({ accountPassword: PASSWORD, validDays: '20' }))
    assert.deepEqual([again.publicRing.encryptable, lives(again)[0]], [true, now() + 20 * DAY])
    const row = await house.ctx.db
      .selectFrom('key_ring')
      .selectAll()
      .where('fingerprint', '=', before.fingerprint)
      .executeTakeFirstOrThrow()
    assert.deepEqual([row.expires, row.secret_behind], [now() + 20 * DAY, 1])
    // What was sealed before learns of it when it leaves.
    const { ring, armor } = await secretOf(house, person)
    assert.equal(ring.info.keys[1]?.expires, now() + 20 * DAY)
    for (const validDays of ['-1', '0.5', 'soon']) assertError(await renew({ ...form, validDays }), 'SVL-0010', 'ERROR')
    if (!hasGnuPg) return t.diagnostic('gpg is not installed')
    const gpg = gpgOf(t)
    gpg.run(['--import'], armor)
    gpg.run(['--import'], again.publicRing.ring)
    const until = Math.floor((now() + 20 * DAY) / 1000)
    const listed = gpg.run(['--with-colons', '--list-keys']).toString()
    const ends = [...listed.matchAll(/^(pub|sub):[^r:]*:\d+:\d+:[0-9A-F]+:\d+:(\d*):/gm)].map(([, , end]) =>
      Number(end),
    )
    assert.deepEqual(ends, [until, until], listed)
  })

  it('ends when its owner says, or never', async () => {
    const person = await newKeyOwner(house, 'ends@example.org')
    const end = (expires: string | number) => act(person, 'PUT', 'setExpiry', { json: { ...form, expires } })
    assert.equal(masterOf(await done(end('never'))).validSeconds, 0)
    const until = now() + 3 * DAY
    const ring = await done(end(until))
    assert.equal(ring.publicRing.keys[1].validSeconds, Math.floor((until - masterOf(ring).creationTime) / 1000))
    for (const wrong of [now(), now() - DAY, 'later', 1.5, now() + 200 * 366 * DAY])
      assertError(await end(wrong), 'SVL-0010', 'ERROR')
    assertError(await act(person, 'PUT', 'setExpiry', { json: form }), 'SVL-0002', 'ERROR')
    await done(act(person, 'POST', `revoke&keyid=${masterOf(ring).keyId}`, { form }))
    const late = await end('never')
    assertError(late, 'GRD-KEY-0005', 'USER_INPUT')
    assert.equal(late.json.reason, 'revoked')
  })

  it('gets a new subkey, and reads with the old one', async (t) => {
    const person = await newKeyOwner(house, 'rotate@example.org')
    const old = await currentOf(person)
    const message = await sealedTo(old)
    house.clock.turn(5000)
    assertError(
      await act(person, 'PUT', 'rotate', { form: { accountPassword: PASSWORD } }),
      'GRD-AUTH-0001',
      'USER_INPUT',
    )
    assertError(await act(person, 'PUT', 'rotate&retire=1', { form }), 'SVL-0010', 'ERROR')
    const ring: WireRing = await done(act(person, 'PUT', 'rotate&retire=true', { form }))
    const [master, fresh, retired] = ring.publicRing.keys
    assert.deepEqual([master?.revoked, fresh?.revoked, retired?.revoked], [false, false, true])
    assert.equal(retired?.keyId, old.publicRing.keys[1]?.keyId)
    assert.deepEqual([fresh?.hasPrivateKey, fresh?.creationTime], [true, now()])
    // It ends with the key.
    assert.equal(fresh!.creationTime + fresh!.validSeconds * 1000, master!.creationTime + master!.validSeconds * 1000)
    const later = await sealedTo(ring)
    const { secret, armor } = await secretOf(house, person)
    const opened = await openpgp.decrypt({ message: later, secrets: [secret], verifyWith: [], now: now() })
    assert.deepEqual(opened.recipients, [fresh!.keyId])
    assert.equal(await opens(person, message), true)
    assert.equal(await opens(person, later), true)
    // The second copy has the new subkey too.
    const rows = await house.ctx.db.selectFrom('key_ring').selectAll().execute()
    const row = rows.find(({ fingerprint }) => fingerprint === master!.fingerprint)!
    const { openEscrow } = await import('#src/domain/keys/escrow.ts')
    const copy = await openpgp.inspect({ bytes: await openEscrow(house.ctx, row), now: now() })
    assert.deepEqual(
      copy.rings[0]?.info.keys.map(({ hasSecret }) => hasSecret),
      [true, true, true],
    )
    if (!hasGnuPg) return t.diagnostic('gpg is not installed')
    const gpg = gpgOf(t)
    gpg.run(['--import'], armor)
    for (const one of [message, later])
      assert.deepEqual(gpg.run(['--passphrase', KEY_PASSWORD, '--decrypt'], one), data)
    const mail = gpg.run(['--armor', '--encrypt', '-r', person.email], data)
    assert.equal(await opens(person, mail), true)
  })

  it('has its revocation on paper from the beginning', async (t) => {
    const person = await newKeyOwner(house, 'paper@example.org')
    const read = (more: Record<string, string>, keyid = '') =>
      act(person, 'POST', `getRevocationCertificate${keyid}`, { form: more })
    assertError(await read({}), 'GRD-AUTH-0001', 'USER_INPUT')
    assertError(await read({ password: 'wrong' }), 'PGP-CORE-0003', 'USER_INPUT')
    assertError(await read({ accountPassword: 'wrong' }), 'LGI-0006', 'USER_INPUT')
    const made = await read(form)
    assert.equal(made.headers.get('content-type'), 'application/pgp-keys')
    assert.match(made.headers.get('content-disposition') ?? '', /revocation\.asc/)
    const { publicRing } = await currentOf(person)
    const { certificate } = await readArmor(house, publicRing.ring)
    const revoked = await openpgp.applyRevocation({ certificate, revocation: made.text, now: now() })
    assert.equal(revoked.info.keys[0]?.revoked, true)
    assert.equal((await read({ accountPassword: PASSWORD })).text, made.text)
    // One that was brought from elsewhere has one, too.
    const { info } = await bring(house, person)
    const own = await read({ accountPassword: PASSWORD }, `&keyid=${info.keyId}`)
    const brought = await readArmor(house, (await currentOf(person)).publicRing.ring)
    const ended = await openpgp.applyRevocation({ certificate: brought.certificate, revocation: own.text, now: now() })
    assert.equal(ended.info.keys[0]?.revoked, true)
    assert.equal(masterOf(await currentOf(person)).revoked, false)
    const bare = await newKeyFor(house, person.email)
    await done(upload(person, bare.certificate))
    assertError(await read(form, `&keyid=${bare.info.keyId}`), 'PGP-CORE-0002', 'ERROR')
    if (!hasGnuPg) return t.diagnostic('gpg is not installed')
    const gpg = gpgOf(t)
    gpg.run(['--import'], publicRing.ring)
    gpg.run(['--trust-model', 'pgp', '--import'], made.text)
    assert.match(gpg.run(['--with-colons', '--list-keys']).toString(), /^pub:r:/m)
    // And the other way round: gpg revokes, and the file of it is taken here.
    await done(upload(person, gpg.run(['--armor', '--export'])))
    const rings = await ringsOf(person)
    assert.equal(
      rings.find((ring) => masterOf(ring).fingerprint === certificateOf(publicRing))?.publicRing.reason,
      'revoked',
    )
  })

  const certificateOf = ({ keys }: WireRing['publicRing']) => keys[0]!.fingerprint

  it('is not deleted where the operator forbids it, and made of version 6 where he allows it', async () => {
    const settings = { CHATELAINE_NO_DELETE_PRIVATE: 'on', CHATELAINE_KEY_V6: 'on', CHATELAINE_NO_RECOVERY: 'on' }
    const strict = await startHouse({ engine, settings })
    try {
      const person = await newKeyOwner(strict, 'strict@example.org', 'forgotten password')
      const { keyId } = masterOf(await currentOf(person))
      const remove = (keyid: string) =>
        act(person, 'POST', `delete&keyid=${keyid}`, { form: { password: 'forgotten password' } })
      assertError(await remove(keyId), 'GRD-KEY-0006', 'PERMISSION_DENIED')
      const bare = await newKeyFor(strict, person.email)
      await done(upload(person, bare.certificate))
      await done(act(person, 'POST', `delete&keyid=${bare.info.keyId}`))
      // There is no second copy: the key ends by the certificate that was made with it, and only as a whole.
      const [, sub] = (await currentOf(person)).publicRing.keys
      const revoke = (keyid: string, accountPassword = PASSWORD) =>
        act(person, 'POST', `revoke&keyid=${keyid}`, { form: { accountPassword } })
      assertError(await revoke(sub!.keyId), 'GRD-AUTH-0004', 'PERMISSION_DENIED')
      assertError(
        await act(person, 'PUT', 'renew', { form: { accountPassword: PASSWORD } }),
        'GRD-AUTH-0004',
        'PERMISSION_DENIED',
      )
      assertError(await revoke(keyId, 'wrong'), 'LGI-0006', 'USER_INPUT')
      await done(revoke(keyId))
      assert.equal(masterOf(await currentOf(person)).revoked, true)
      const { ring } = await secretOf(strict, person, { password: 'forgotten password' })
      assert.equal(ring.info.keys[0]?.revoked, true)
      // A key of version 6 is found by its fingerprint, of which the key id is the beginning.
      const create = { name: 'Six', password: KEY_PASSWORD, algorithm: 'v6' }
      const made = masterOf(await done(act(person, 'POST', 'create', { form: create })))
      assert.equal(made.fingerprint.length, 64)
      assert.equal(made.keyId, made.fingerprint.slice(0, 16))
      const found = await done(act(person, 'POST', `getKey&keyType=public&keyid=${made.fingerprint}`))
      assert.equal(masterOf(found).keyId, made.keyId)
      assertError(
        await act(person, 'POST', `getKey&keyid=${'0'.repeat(48)}${made.keyId}`),
        'GRD-KEY-0002',
        'USER_INPUT',
      )
      const renewed = await done(
        act(person, 'PUT', `renew&keyid=${made.fingerprint}`, { form: { ...form, validDays: '9' } }),
      )
      assert.equal(masterOf(renewed).validSeconds, 9 * 86_400)
      assert.equal((await infoOf(strict, renewed)).canEncrypt, true)
    } finally {
      await strict.stop()
    }
  })
})
