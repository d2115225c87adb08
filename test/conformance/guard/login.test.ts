import assert from 'node:assert/strict'
import { constants, createPublicKey, publicEncrypt, webcrypto } from 'node:crypto'
import { createRequire } from 'node:module'
import { after, before, it } from 'node:test'
import { setPassword } from '#src/domain/accounts/accounts.ts'
import { transportKey, unlockedSecrets } from '#src/domain/keys/keys.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { keepSession, signOutEverywhere } from '#src/domain/sessions/sessions.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import {
  assertError,
  KEY_PASSWORD,
  keyLogin,
  newKeyOwner,
  newPerson,
  origin,
  type Person,
  signIn,
  tokenOf,
} from './person.ts'

// JSEncrypt was written for browsers.
Object.assign(globalThis, { window: globalThis, self: globalThis })
const JSEncrypt = createRequire(import.meta.url)('jsencrypt') as typeof import('jsencrypt').JSEncrypt

const isReason = (reason: string) => (error: unknown) => error instanceof Refusal && error.reason === reason

onEveryEngine('Guard login', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  const use = async (person: Person, token: string) =>
    unlockedSecrets(house.ctx, { signed: await person.signed(), proof: { token }, origin })

  it('tells a newcomer its settings and that there is no key', async () => {
    const person = await newPerson(house, 'new@example.org')
    for (const json of [{}, { encr_password: null }, { encr_password: 'something' }]) {
      const reply = await person.call('POST', '/oxguard/login?action=login', { json })
      assert.equal(reply.json.auth, 'No Key')
      assert.deepEqual(Object.keys(reply.json), [
        'server',
        'cid',
        'primaryEmail',
        'pubKey',
        'auth',
        'recoveryAvail',
        'lang',
        'settings',
      ])
      assert.match(reply.json.pubKey, /^-----BEGIN PUBLIC KEY-----/)
      assert.deepEqual([reply.json.cid, reply.json.primaryEmail], [1, 'new@example.org'])
      assert.deepEqual([reply.json.settings.noRecovery, reply.json.recoveryAvail], [true, false])
      assert.equal(reply.json.settings.min_password_length, 8)
    }
  })

  it('answers a token, or a word for why there is none', async () => {
    const person = await newKeyOwner(house, 'words@example.org')
    const settings = await person.call('POST', '/oxguard/login?action=login')
    assert.equal(settings.json.auth, 'Password Needed')
    const wrong = await keyLogin(person, 'wrong')
    assert.deepEqual([wrong.status, wrong.json.auth, 'error' in wrong.json], [200, 'Bad Password', false])
    assert.match(await tokenOf(person), /^v1\.[\w-]{22}\.[\w-]+$/)
    const old = { form: { ox_password: KEY_PASSWORD } }
    assert.match((await person.call('POST', '/oxguard/login?action=login', old)).json.auth, /^v1\./)
    assert.match((await person.call('POST', '/oxguard/login=action=login', old)).json.auth, /^v1\./)
    assert.match((await person.call('POST', '/oxguard/login?action=login&type=pgp', old)).json.auth, /^v1\./)
    const smime = await person.call('POST', '/oxguard/login?action=login&type=SMIME', old)
    assertError(smime, 'SVL-0010', 'ERROR')
    assert.deepEqual(smime.json.error_params, ['type', 'SMIME'])
  })

  it('locks out after too many guesses, for the right password too, and lets in again later', async () => {
    const person = await newKeyOwner(house, 'guess@example.org')
    for (let tries = 0; tries < 5; tries++) assert.equal((await keyLogin(person, 'wrong')).json.auth, 'Bad Password')
    assert.equal((await keyLogin(person, KEY_PASSWORD)).json.auth, 'Lockout')
    const key = await person.call('POST', '/oxguard/keys?action=getKey', { form: { password: KEY_PASSWORD } })
    assert.equal(key.status, 200)
    assertError(key, 'GRD-AUTH-0002', 'TRY_AGAIN')
    assert.ok(Number(key.headers.get('retry-after')) > 0)
    const json = { oldpass: KEY_PASSWORD, newpass: 'a new password' }
    const change = await person.call('POST', '/oxguard/login?action=changepass', { json })
    assert.deepEqual([change.json.auth, change.json.code], ['Lockout', 'GRD-AUTH-0002'])
    house.clock.turn(61_000)
    assert.match(await tokenOf(person), /^v1\./)
    assert.equal((await keyLogin(person, 'wrong')).json.auth, 'Bad Password')
  })

  it('lets no more than the allowed guesses through at one instant', async () => {
    const person = await newKeyOwner(house, 'burst@example.org')
    await Promise.all(Array.from({ length: 40 }, () => keyLogin(person, 'wrong')))
    assert.equal((await keyLogin(person, KEY_PASSWORD)).json.auth, 'Lockout')
  })

  it('keeps the tokens of two people with the same key password apart', async () => {
    const anna = await newKeyOwner(house, 'anna@example.org')
    const bert = await newKeyOwner(house, 'bert@example.org')
    const token = await tokenOf(anna)
    assert.equal((await use(anna, token)).all.length, 1)
    await assert.rejects(use(bert, token), isReason('key.token-invalid'))
    const put = await bert.call('PUT', '/guard-json?action=auth-token', { json: { auth: token, minutesValid: 0 } })
    assertError(put, 'GUARD-0007', 'ERROR')
    // Nor in another session of its own owner.
    await assert.rejects(use(await signIn(house, 'anna@example.org'), token), isReason('key.token-invalid'))
  })

  it('takes no token that was changed', async () => {
    const person = await newKeyOwner(house, 'forged@example.org')
    const token = await tokenOf(person)
    const [, id, sealed = ''] = token.split('.')
    const flipped = sealed.slice(0, -4) + (sealed.at(-4) === 'A' ? 'B' : 'A') + sealed.slice(-3)
    const other = (await tokenOf(person)).split('.')
    for (const forged of ['', 'v1', 'x', `v1.${id}.${flipped}`, `v1.${other[1]}.${sealed}`, `v2.${id}.${sealed}`])
      await assert.rejects(use(person, forged), isReason('key.token-invalid'))
    assert.equal((await use(person, token)).all.length, 1)
  })

  it('ends tokens at Guard logout, at sign-out and after their time', async () => {
    const person = await newKeyOwner(house, 'ends@example.org')
    const other = await signIn(house, 'ends@example.org')
    const tokens = [await tokenOf(person), await tokenOf(person)]
    const otherToken = await tokenOf(other)
    for (const token of tokens) assert.ok((await use(person, token)).current)
    const logout = await person.call('GET', '/oxguard/login?action=logout')
    assert.deepEqual([logout.text, logout.headers.get('content-type')], ['OK', 'text/plain; charset=UTF-8'])
    for (const token of tokens) await assert.rejects(use(person, token), isReason('key.token-invalid'))
    await assert.rejects(use(other, otherToken), isReason('key.token-invalid'))
    const again = await person.call('GET', '/oxguard/login?action=logout', { headers: { Accept: 'application/json' } })
    assert.equal(again.text, '"OK"')
    const token = await tokenOf(person)
    await person.call('GET', '/login?action=logout')
    assert.equal(
      (await house.ctx.db.selectFrom('key_session').select('id').where('id', '=', token.split('.')[1]!).execute())
        .length,
      0,
    )
  })

  it('ends tokens when the sign-in password changes, even in the session that lives on', async () => {
    const person = await newKeyOwner(house, 'moves@example.org')
    const token = await tokenOf(person)
    const { session, account } = await person.signed()
    await person.call('POST', '/guard-json?action=auth-token', { json: { password: KEY_PASSWORD, minutesValid: 0 } })
    const hash = await house.ctx.workers.passwords.hash('another-password-1')
    await setPassword(house.ctx, { account, hash, origin, mustChange: false })
    await keepSession(house.ctx, session, account)
    await assert.rejects(use(person, token), isReason('key.token-invalid'))
    assert.equal((await person.call('GET', '/guard-json?action=auth-token')).text, '{"data":{}}')
    await use(person, await tokenOf(person))
    const late = await tokenOf(person)
    await signOutEverywhere(house.ctx, { account, origin })
    const rows = house.ctx.db.selectFrom('key_session').select('id').where('id', '=', late.split('.')[1]!)
    assert.equal((await rows.execute()).length, 0)
  })

  it('changes the key password: new token, old tokens and the old password void', async () => {
    const person = await newKeyOwner(house, 'change@example.org')
    const token = await tokenOf(person)
    await person.call('POST', '/guard-json?action=auth-token', { json: { password: KEY_PASSWORD, minutesValid: 0 } })
    const change = (oldpass: string, newpass: string): Promise<Reply> =>
      person.call('POST', '/oxguard/login?action=changepass', { json: { oldpass, newpass } })
    const wrong = await change('wrong', 'long enough now')
    assertError(wrong, 'PGP-CORE-0003', 'USER_INPUT')
    assert.equal(wrong.json.auth, 'Bad Password')
    const short = await change(KEY_PASSWORD, 'short')
    assertError(short, 'GRD-AUTH-0003', 'USER_INPUT')
    assert.deepEqual(short.json.error_params, [8])
    assertError(
      await person.call('POST', '/oxguard/login?action=changepass', { json: { oldpass: 'x' } }),
      'SVL-0002',
      'ERROR',
    )
    const changed = await change(KEY_PASSWORD, 'long enough now')
    assert.deepEqual(Object.keys(changed.json), ['auth'])
    assert.ok((await use(person, changed.json.auth)).current)
    await assert.rejects(use(person, token), isReason('key.token-invalid'))
    assert.equal((await person.call('GET', '/guard-json?action=auth-token')).text, '{"data":{}}')
    assert.equal((await keyLogin(person, KEY_PASSWORD)).json.auth, 'Bad Password')
    assert.match(await tokenOf(person, 'long enough now'), /^v1\./)
    const nobody = await newPerson(house, 'keyless@example.org')
    const none = await nobody.call('POST', '/oxguard/login?action=changepass', {
      json: { oldpass: 'aaaaaaaa', newpass: 'bbbbbbbb' },
    })
    assert.deepEqual([none.json.code, none.json.auth], ['GRD-KEY-0001', 'No Key'])
  })

  it('lets one of two password changes at the same instant through', async () => {
    const person = await newKeyOwner(house, 'race@example.org')
    const change = (newpass: string) =>
      person.call('POST', '/oxguard/login?action=changepass', { json: { oldpass: KEY_PASSWORD, newpass } })
    const news = ['the first password', 'the second password']
    const replies = await Promise.all(news.map(change))
    const winners = news.filter((_, index) => !('error' in replies[index]!.json))
    assert.equal(winners.length, 1)
    await tokenOf(person, winners[0])
  })

  it('reads e_password in every padding and spelling', async () => {
    const person = await newKeyOwner(house, 'padded@example.org')
    const { pubKey } = (await keyLogin(person, KEY_PASSWORD)).json
    const spki = Buffer.from(pubKey.replace(/-----[^-]+-----|\s/g, ''), 'base64')
    const plain = Buffer.from(KEY_PASSWORD)
    const subtle = async (hash: string): Promise<string> => {
      const algorithm = { name: 'RSA-OAEP', hash }
      const key = await webcrypto.subtle.importKey('spki', spki, algorithm, false, ['encrypt'])
      return Buffer.from(await webcrypto.subtle.encrypt(algorithm, key, plain)).toString('base64')
    }
    const jsEncrypt = (key: string): string => {
      const client = new JSEncrypt()
      client.setPublicKey(key)
      return client.encrypt(KEY_PASSWORD) as string
    }
    const pkcs1 = createPublicKey(pubKey).export({ type: 'pkcs1', format: 'pem' }) as string
    let signs = ''
    while (!signs.includes('+')) signs = jsEncrypt(pubKey)
    const folded = signs.replace(/.{64}/g, '$&\r\n')
    const good = {
      'JSEncrypt, SPKI': jsEncrypt(pubKey),
      'JSEncrypt, PKCS#1': jsEncrypt(pkcs1),
      'OAEP SHA-1': await subtle('SHA-1'),
      'OAEP SHA-256': await subtle('SHA-256'),
      'blanks for plus signs': signs.replaceAll('+', ' '),
      'line breaks': folded,
      base64url: Buffer.from(signs, 'base64').toString('base64url'),
      hex: Buffer.from(signs, 'base64').toString('hex'),
    }
    for (const [name, e_password] of Object.entries(good)) {
      const reply = await person.call('POST', '/oxguard/keys?action=getKey', { form: { e_password, password: 'no' } })
      assert.ok(reply.json.data?.privateRing.ring, `${name}: ${reply.text}`)
    }
    const noise = Buffer.alloc(256, 7)
    const raw = { key: pubKey, padding: constants.RSA_NO_PADDING }
    const bad = ['garbage', '', noise.toString('base64'), Buffer.alloc(256, 255).toString('base64')]
    bad[1] = publicEncrypt(raw, noise).toString('base64')
    for (const e_password of bad) {
      const reply = await person.call('POST', '/oxguard/keys?action=getKey', { form: { e_password } })
      assertError(reply, 'PGP-CORE-0003', 'USER_INPUT')
    }
    await keyLogin(person, KEY_PASSWORD)
    const form = { name: 'Some Body', e_password: 'garbage' }
    assertError(await person.call('POST', '/oxguard/keys?action=create', { form }), 'PGP-CORE-0003', 'USER_INPUT')
  })

  it('keeps its RSA key over a restart, sealed', async () => {
    const person = await newKeyOwner(house, 'restart@example.org')
    const { pubKey } = (await keyLogin(person, KEY_PASSWORD)).json
    await house.restart()
    assert.equal((await keyLogin(person, KEY_PASSWORD)).json.pubKey, pubKey)
    const rows = await house.ctx.db
      .selectFrom('server_secret')
      .selectAll()
      .where('name', '=', 'password transport')
      .execute()
    assert.equal(rows.length, 1)
    assert.doesNotMatch(rows[0]!.value, /PRIVATE KEY/)
  })

  it('has one RSA key however many nodes need it first', async () => {
    const { ctx } = house
    await ctx.db.deleteFrom('server_secret').where('name', '=', 'password transport').execute()
    // A node is known by its connection: these have none of the first one's memory.
    const nodes = Array.from({ length: 3 }, () => ({ ...ctx, database: { ...ctx.database } }))
    const keys = await Promise.all(nodes.map((node) => transportKey(node)))
    assert.equal(new Set(keys).size, 1)
  })
})
