import assert from 'node:assert/strict'
import { constants, publicEncrypt } from 'node:crypto'
import { after, before, it } from 'node:test'
import { addAddress, findByAddress } from '#src/domain/accounts/accounts.ts'
import { armor } from '#src/lib/openpgp/armor.ts'
import { bloatedKey } from '#src/lib/openpgp/bloated-key.ts'
import { engine as openpgp } from '#src/lib/openpgp/engine.ts'
import { gnuPg, hasGnuPg } from '#src/lib/openpgp/testing.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import {
  act,
  bring,
  currentOf,
  DAY,
  done,
  masterOf,
  newKeyFor,
  readArmor,
  ringsOf,
  secretOf,
  upload,
} from './own-keys.ts'
import { assertError, KEY_PASSWORD, newPerson, origin, PASSWORD } from './person.ts'

const both = { keyPassword: 'old password', newPassword: KEY_PASSWORD }

onEveryEngine('uploads', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  const now = () => house.clock.now()
  const locked = (secret: Uint8Array) => openpgp.exportLocked({ secret, password: 'old password' })
  const publicArmor = (certificate: Uint8Array) => armor('PUBLIC KEY BLOCK', certificate)
  const rowOf = async (fingerprint: string) =>
    (await house.ctx.db.selectFrom('key_ring').selectAll().where('fingerprint', '=', fingerprint).execute())[0]!
  const lastingAt = (address: string) =>
    house.ctx.db.selectFrom('lasting_revocation').selectAll().where('address', '=', address).execute()

  it('of what is there already add what is new, and never a second ring', async () => {
    const person = await newPerson(house, 'merge@example.org')
    const made = await bring(house, person)
    const { recoveryAvail } = await currentOf(person)
    assert.equal(recoveryAvail, true)
    house.clock.turn(5000)
    const named = await openpgp.addUserId({ secret: made.secret, name: 'Work', email: 'w@work.example', now: now() })
    const longer = await openpgp.setExpiry({ secret: named.secret!, until: now() + 90 * DAY, now: now() })
    const rotated = await openpgp.rotateSubkey({ secret: longer.secret!, until: null, retire: false, now: now() })
    const binary = await done(upload(person, rotated.certificate))
    assert.equal(binary.keyRings.length, 1)
    const ring = await currentOf(person)
    assert.deepEqual(
      [masterOf(ring).userIds.length, ring.publicRing.keys.length, masterOf(ring).validSeconds > 0],
      [2, 3, true],
    )
    // Of the new subkey only the public half is here; nothing of the old is lost.
    assert.deepEqual(
      ring.publicRing.keys.map(({ keyId, hasPrivateKey }) => [keyId, hasPrivateKey]).toSorted(),
      [
        [made.info.keyId, true],
        [made.info.keys[1]!.keyId, true],
        [rotated.info.keys.find(({ created }) => created === now())!.keyId, false],
      ].toSorted(),
    )
    assert.equal((await rowOf(made.info.fingerprint)).secret_behind, 1)
    await secretOf(house, person)
    // Its secret comes later.
    await done(upload(person, await locked(rotated.secret!), both))
    const whole = await currentOf(person)
    assert.deepEqual(
      whole.publicRing.keys.map(({ hasPrivateKey }) => hasPrivateKey),
      [true, true, true],
    )
    assert.equal((await ringsOf(person)).length, 1)
    // An older state of it takes nothing back.
    await done(upload(person, made.certificate))
    assert.equal(masterOf(await currentOf(person)).userIds.length, 2)
  })

  it('have a second copy, an end, and a revocation like what is made here', async () => {
    const person = await newPerson(house, 'like@example.org')
    const made = await bring(house, person, { validSeconds: (50 * DAY) / 1000 })
    const row = await rowOf(made.info.fingerprint)
    assert.deepEqual([row.expires, row.escrow !== null, row.revocation !== null], [now() + 50 * DAY, true, true])
    assert.ok(!row.revocation!.includes('BEGIN PGP'))
    const renewed = await done(act(person, 'PUT', 'renew', { form: { accountPassword: PASSWORD, validDays: '60' } }))
    assert.equal(masterOf(renewed).validSeconds, (60 * DAY) / 1000)
  })

  it('of a revocation that was made elsewhere end the key here', async () => {
    const person = await newPerson(house, 'ended@example.org')
    const old = await bring(house, person)
    house.clock.turn(1000)
    const made = await bring(house, person)
    const revoked = await openpgp.revoke({ secret: made.secret, reason: 'compromised', now: now() })
    await done(upload(person, publicArmor(revoked.certificate)))
    assert.equal(masterOf(await currentOf(person)).keyId, old.info.keyId)
    assert.deepEqual(
      (await lastingAt(person.email)).map(({ key_id }) => key_id),
      [made.info.keyId],
    )
    const { ring } = await secretOf(house, person, { keyid: made.info.keyId })
    assert.equal(ring.info.keys[0]?.revoked, true)
  })

  it('are taken for any address of the account, and for a ring that was taken before', async () => {
    const person = await newPerson(house, 'main@example.org')
    const made = await newKeyFor(house, 'Alias.Of@example.org')
    const foreign = await upload(person, made.certificate)
    assertError(foreign, 'GRD-KEY-0004', 'USER_INPUT')
    assert.equal(foreign.json.reason, 'no-own-address')
    const caller = (await findByAddress(house.ctx, house.rootEmail))!
    const account = (await findByAddress(house.ctx, person.email))!
    await addAddress(house.ctx, { caller, account, address: 'alias.of@example.org', origin })
    await done(upload(person, made.certificate))
    await house.ctx.db.deleteFrom('address').where('address', '=', 'alias.of@example.org').execute()
    await done(upload(person, made.certificate))
    assert.equal((await ringsOf(person)).length, 1)
  })

  it('bring their passwords plain or encrypted', async () => {
    const person = await newPerson(house, 'sealed@example.org')
    const { pubKey } = (await person.call('POST', '/oxguard/login?action=login')).json
    const sealed = (text: string) =>
      publicEncrypt(
        { key: pubKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
        Buffer.from(text),
      ).toString('base64')
    const { secret } = await newKeyFor(house, person.email)
    const file = await locked(secret)
    const wrong = { e_keyPassword: sealed('wrong'), e_newPassword: sealed(KEY_PASSWORD) }
    assertError(await upload(person, file, wrong), 'PGP-CORE-0003', 'USER_INPUT')
    // What nobody could decrypt may lock no key.
    const noise = { keyPassword: 'old password', e_newPassword: 'A'.repeat(344) }
    // It becomes a text by chance, which may be too short as well.
    const { code } = (await upload(person, file, noise)).json
    assert.ok(['PGP-CORE-0003', 'GRD-AUTH-0003'].includes(code), code)
    await done(upload(person, file, { e_keyPassword: sealed('old password'), e_newPassword: sealed(KEY_PASSWORD) }))
    await secretOf(house, person)
  })

  it('say what is wrong in a word for programs', async () => {
    const person = await newPerson(house, 'why@example.org')
    const { secret } = await newKeyFor(house, person.email)
    const file = await locked(secret)
    const told = async (key: string | Uint8Array, fields: Record<string, string> = {}) =>
      (await upload(person, key, fields)).json
    const reasonOf = async (...asked: Parameters<typeof told>) => (await told(...asked)).reason
    assert.equal(await reasonOf('garbage'), 'no-key')
    assert.equal(await reasonOf(Buffer.from([0xc6, 0xff, 0, 0])), 'unreadable')
    assert.equal(await reasonOf(file), 'no-new-password')
    assert.equal((await told(file)).error, 'Choose a key password for here: newPassword.')
    const closed = await told(file, { newPassword: KEY_PASSWORD })
    assert.equal(closed.reason, 'locked')
    assert.equal(closed.error, 'The file is locked: its password is needed (keyPassword).')
    assert.equal(await reasonOf(file, { ...both, keyPassword: 'wrong' }), 'wrong')
    const large = await upload(person, Buffer.concat([Buffer.alloc(1024 * 1024, 'x'), Buffer.from('x')]))
    assertError(large, 'GRD-KEY-0007', 'USER_INPUT')
    assert.deepEqual(await ringsOf(person), [])
    const success = await upload(person, file, both)
    assert.equal('error' in success.json || 'reason' in success.json, false)
  })

  it('of a file with rings that nobody reads take the others, and warn', async () => {
    const person = await newPerson(house, 'mixed@example.org')
    const good = await newKeyFor(house, person.email)
    const other = await newKeyFor(house, person.email)
    // A public key of an algorithm that there is not.
    const odd = Buffer.from(other.certificate)
    odd[odd[0] === 0xc6 ? 2 + 5 : 3 + 5] = 99
    const reply = await upload(person, Buffer.concat([good.certificate, odd]))
    const { keyRings } = await done(Promise.resolve(reply))
    assert.deepEqual(
      keyRings.map(masterOf).map(({ keyId }: { keyId: string }) => keyId),
      [good.info.keyId],
    )
    assert.equal(reply.json.warnings.length, 1)
    assert.deepEqual([reply.json.warnings[0].code, reply.json.warnings[0].categories], ['GRD-KEY-0003', 'WARNING'])
  })

  it('show the pictures that a key has', async () => {
    const person = await newPerson(house, 'picture@example.org')
    const { UserAttributePacket, readPrivateKey, SignaturePacket, enums, config } = await import('openpgp')
    const made = await newKeyFor(house, person.email)
    const jpeg = Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex')
    const header = Buffer.concat([Buffer.from([0x10, 0, 1, 1]), Buffer.alloc(12)])
    const key = await readPrivateKey({ binaryKey: made.secret })
    const packet = new UserAttributePacket()
    Object.assign(packet, { attributes: [Buffer.concat([Buffer.from([1]), header, jpeg]).toString('latin1')] })
    const signature = new SignaturePacket()
    Object.assign(signature, {
      signatureType: enums.signature.certGeneric,
      publicKeyAlgorithm: key.keyPacket.algorithm,
      hashAlgorithm: enums.hash.sha256,
    })
    const signed = { userAttribute: packet, key: key.keyPacket }
    await (signature as unknown as { sign(...given: unknown[]): Promise<void> }).sign(
      key.keyPacket,
      signed,
      new Date(now()),
      false,
      config,
    )
    const list = key.toPublic().toPacketList()
    const at = list.findIndex((one) => one.constructor.name === 'PublicSubkeyPacket')
    list.splice(at, 0, packet as never, signature as never)
    const { keyRings } = await done(upload(person, list.write()))
    const [master, sub] = keyRings[0].publicRing.keys
    assert.deepEqual(master.images, [{ id: 1, image: jpeg.toString('base64') }])
    assert.deepEqual(sub.images, [])
    const { signatures } = await done(act(person, 'GET', `getSignatures&keyid=${master.keyId}`))
    assert.deepEqual(signatures.map(({ image }: { image: boolean }) => image).toSorted(), [false, true])
  })

  it('of what gpg made of a key since are taken', { skip: hasGnuPg ? false : 'gpg is not installed' }, async (t) => {
    const person = await newPerson(house, 'gpg@example.org')
    const made = await bring(house, person)
    const { armor: exported } = await secretOf(house, person)
    const gpg = gnuPg(t, now() + 2000)
    gpg.run(['--import'], exported)
    const { fingerprint } = made.info
    gpg.run(['--passphrase', KEY_PASSWORD, '--quick-set-expire', fingerprint, '20d'])
    gpg.run(['--passphrase', KEY_PASSWORD, '--quick-set-expire', fingerprint, '20d', '*'])
    gpg.run(['--passphrase', KEY_PASSWORD, '--quick-add-uid', fingerprint, 'Gpg <gpg@example.org>'])
    house.clock.turn(5000)
    const { keyRings } = await done(upload(person, gpg.run(['--armor', '--export', fingerprint])))
    const master = masterOf(keyRings[0])
    assert.deepEqual([master.userIds.length, keyRings[0].publicRing.encryptable], [2, true])
    const end = Math.round((master.creationTime + master.validSeconds * 1000 - now()) / DAY)
    assert.equal(end, 20)
    assert.equal(Math.round(((await rowOf(fingerprint)).expires - now()) / DAY), 20)
    // What is locked by gpg comes in, too.
    const secret = gpg.run(['--passphrase', KEY_PASSWORD, '--armor', '--export-secret-keys', fingerprint])
    await done(upload(person, secret, { keyPassword: KEY_PASSWORD, newPassword: 'another password' }))
    assert.equal((await ringsOf(person)).length, 1)
    const { ring } = await secretOf(house, person, { password: 'another password' })
    assert.equal(ring.info.userIds.length, 2)
  })

  it('of a key that took the address of the account back are refused', {
    skip: hasGnuPg ? false : 'gpg is not installed',
  }, async (t) => {
    const person = await newPerson(house, 'back@example.org')
    const made = await newKeyFor(house, person.email)
    const gpg = gnuPg(t, now() + 2000)
    const old = ['--passphrase', 'old password']
    gpg.run([...old, '--import'], await locked(made.secret))
    const { fingerprint } = made.info
    gpg.run([...old, '--quick-add-uid', fingerprint, 'New <new@elsewhere.example>'])
    gpg.run([...old, '--quick-revoke-uid', fingerprint, made.info.userIds[0]!.text])
    house.clock.turn(5000)
    const file = gpg.run(['--armor', '--export', fingerprint])
    assertError(await upload(person, file), 'GRD-KEY-0004', 'USER_INPUT')
    // Before it did so, it was one of the account's: from then on it is, whatever it says.
    await done(upload(person, publicArmor(made.certificate)))
    const { keyRings } = await done(upload(person, file))
    assert.equal(masterOf(keyRings[0]).userIds.length, 2)
  })

  it('in the form that a client writes by hand come in without names of files and a closing boundary', async () => {
    const person = await newPerson(house, 'byhand2@example.org')
    const made = await newKeyFor(house, person.email)
    const file = await locked(made.secret)
    const field = (name: string, value: string) =>
      `--f\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
    const body = `${field('keyPassword', 'old password')}${field('newPassword', KEY_PASSWORD)}${field('key', file)}--f`
    const headers = { 'Content-Type': 'multipart/form-data; boundary=f' }
    const { keyRings } = await done(act(person, 'POST', 'upload', { body, headers }))
    assert.equal(masterOf(keyRings[0]).hasPrivateKey, true)
    await readArmor(house, keyRings[0].publicRing.ring)
  })

  it('that are too large for every later answer are refused whole', async () => {
    const person = await newPerson(house, 'large@example.org')
    const { generateKey } = await import('openpgp')
    const named = async (count: number, length: number): Promise<Uint8Array> => {
      const userIDs = Array.from({ length: count }, (_, at) => ({ name: 'x'.repeat(length) + at, email: person.email }))
      const made = await generateKey({ userIDs, format: 'object', date: new Date(now() - 1000) })
      return made.publicKey.write()
    }
    const many = await upload(person, await named(51, 1))
    assertError(many, 'GRD-KEY-0007', 'USER_INPUT')
    assert.deepEqual([many.status, many.json.reason], [413, 'too-many-user-ids'])
    const large = await upload(person, await bloatedKey(person.email, { now: now(), times: 50, note: 12_000 }))
    assertError(large, 'GRD-KEY-0007', 'USER_INPUT')
    assert.equal(large.json.reason, 'key-too-large')
    assert.deepEqual(await ringsOf(person), [])
    // Each of these is allowed, and all of them together are not.
    const codes: string[] = []
    for (let i = 0; i < 24; i++) codes.push((await upload(person, await named(40, 4900))).json.code ?? 'ok')
    const taken = codes.filter((code) => code === 'ok').length
    assert.ok(taken >= 15 && taken < 24, String(codes))
    assert.deepEqual(new Set(codes.slice(taken)), new Set(['GRD-KEY-0007']))
    assert.equal((await ringsOf(person)).length, taken)
    assert.deepEqual((await act(person, 'GET', 'hasKey')).json.data, { hasPublicKey: true, hasPrivateKey: false })
  })

  it('at the same instant bring no more rings than there may be', async () => {
    const person = await newPerson(house, 'crowd@example.org')
    const files: Buffer[] = []
    for (let i = 0; i < 8; i++) {
      const made = await Promise.all(Array.from({ length: 20 }, () => newKeyFor(house, person.email)))
      files.push(Buffer.concat(made.map(({ certificate }) => certificate)))
    }
    const codes = (await Promise.all(files.map((file) => upload(person, file)))).map(({ json }) => json.code ?? 'ok')
    assert.ok(codes.includes('ok'), String(codes))
    const rows = house.ctx.db.selectFrom('key_ring').innerJoin('account', 'account.id', 'key_ring.account_id')
    const rings = await rows.select('key_ring.id').where('account.email', '=', person.email).execute()
    assert.ok(rings.length <= 100, String(rings.length))
  })

  it('at the same instant of one key make one ring', async () => {
    const person = await newPerson(house, 'race@example.org')
    const made = await newKeyFor(house, person.email)
    const replies = await Promise.all(Array.from({ length: 4 }, () => upload(person, made.certificate)))
    const codes = replies.map(({ json }) => json.code ?? 'taken')
    assert.ok(codes.includes('taken') && codes.every((code) => ['taken', 'SVL-0019'].includes(code)), String(codes))
    assert.equal((await ringsOf(person)).length, 1)
  })
})
