import assert from 'node:assert/strict'
import { constants, createPublicKey, publicEncrypt, webcrypto } from 'node:crypto'
import { createRequire } from 'node:module'
import { after, before, it } from 'node:test'
import { readTransported, transportKey } from '#src/domain/keys/keys.ts'
import { makeTransportKey, transportKey as opened, readTransported as read } from '#src/lib/transport-rsa.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { assertError, KEY_PASSWORD, keyLogin, newKeyOwner, newPerson, type Person, signIn } from './person.ts'

// JSEncrypt was written for browsers.
Object.assign(globalThis, { window: globalThis, self: globalThis })
const JSEncrypt = createRequire(import.meta.url)('jsencrypt') as typeof import('jsencrypt').JSEncrypt

const DAY = 86_400_000

function jsEncrypt(pubKey: string, text: string): string {
  const client = new JSEncrypt()
  client.setPublicKey(pubKey)
  return client.encrypt(text) as string
}

async function oaep(pubKey: string, text: string, hash: string): Promise<string> {
  const spki = Buffer.from(pubKey.replace(/-----[^-]+-----|\s/g, ''), 'base64')
  const algorithm = { name: 'RSA-OAEP', hash }
  const key = await webcrypto.subtle.importKey('spki', spki, algorithm, false, ['encrypt'])
  return Buffer.from(await webcrypto.subtle.encrypt(algorithm, key, Buffer.from(text))).toString('base64')
}

/** What no client of ours sends, in every way that somebody might probe with. */
function garbage(pubKey: string): Record<string, string> {
  const raw = { key: pubKey, padding: constants.RSA_NO_PADDING }
  const noise = Buffer.alloc(256, 7)
  const block = (start: number[]): string =>
    publicEncrypt(raw, Buffer.concat([Buffer.from(start), Buffer.alloc(256 - start.length, 0x41)])).toString('base64')
  return {
    text: 'garbage',
    'too short': Buffer.alloc(255, 1).toString('base64'),
    'too long': Buffer.alloc(257, 1).toString('base64'),
    'no base64': '!"§$%&/()=?'.repeat(30),
    noise: noise.toString('base64'),
    'above the modulus': Buffer.alloc(256, 255).toString('base64'),
    'a block of no padding': publicEncrypt(raw, noise).toString('base64'),
    'PKCS#1 type 1': block([0, 1]),
    'PKCS#1 type 2 without its end': block([0, 2]),
    'PKCS#1 type 2 that ends too early': block([0, 2, 1, 1, 1, 0]),
  }
}

onEveryEngine('e_password', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  const pubKeyFor = async (person: Person): Promise<string> =>
    (await person.call('POST', '/oxguard/login?action=login')).json.pubKey

  it('is read in every padding and spelling', async () => {
    const person = await newKeyOwner(house, 'padded@example.org')
    const pubKey = await pubKeyFor(person)
    const pkcs1 = createPublicKey(pubKey).export({ type: 'pkcs1', format: 'pem' }) as string
    const bare = pubKey.replace(/-----[^-]+-----|\s/g, '')
    let signs = ''
    while (!signs.includes('+')) signs = jsEncrypt(pubKey, KEY_PASSWORD)
    const good = {
      'JSEncrypt, SPKI': jsEncrypt(pubKey, KEY_PASSWORD),
      'JSEncrypt, PKCS#1': jsEncrypt(pkcs1, KEY_PASSWORD),
      'JSEncrypt, bare': jsEncrypt(bare, KEY_PASSWORD),
      'OAEP SHA-1': await oaep(pubKey, KEY_PASSWORD, 'SHA-1'),
      'OAEP SHA-256': await oaep(pubKey, KEY_PASSWORD, 'SHA-256'),
      'blanks for plus signs': signs.replaceAll('+', ' '),
      'line breaks': signs.replace(/.{64}/g, '$&\r\n'),
      'blanks around': ` \n${signs}\t`,
      base64url: Buffer.from(signs, 'base64').toString('base64url'),
      hex: Buffer.from(signs, 'base64').toString('hex'),
      'upper hex': Buffer.from(signs, 'base64').toString('hex').toUpperCase(),
    }
    for (const [name, e_password] of Object.entries(good)) {
      const form = { e_password, password: 'the encrypted one counts' }
      const reply = await person.call('POST', '/oxguard/keys?action=getKey', { form })
      assert.ok(reply.json.data?.privateRing.ring, `${name}: ${reply.text}`)
    }
  })

  it('comes in every action that takes a password', async () => {
    const person = await newPerson(house, 'everywhere@example.org')
    const pubKey = await pubKeyFor(person)
    const sealed = (text: string) => jsEncrypt(pubKey, text)
    const post = (path: string, json: Record<string, unknown>): Promise<Reply> => person.call('POST', path, { json })
    const e_password = sealed(KEY_PASSWORD)
    const made = await post('/oxguard/keys?action=create', { name: 'Some Body', e_password })
    assert.equal(made.json.data.current, true)
    assert.match((await post('/oxguard/login?action=login', { e_password })).json.auth, /^v1\./)
    assert.match((await post('/guard-json?action=auth-token', { e_password })).json.data.auth, /^v1\./)
    const second = await post('/oxguard/login?action=changesecondary', { e_password, email: 'x@example.com' })
    assert.equal(second.text, 'OK')
    assert.equal((await post('/oxguard/login?action=deleterecovery', { e_password })).text, 'OK')
    assert.equal((await post('/oxguard/login?action=restorerecovery', { e_password })).text, 'OK')
    const armor = await post('/oxguard/keys?action=downloadKey&keyType=private', { e_password })
    assert.match(armor.text, /PRIVATE KEY BLOCK/)
    const change = { e_oldpass: e_password, e_newpass: await oaep(pubKey, 'another password', 'SHA-256') }
    assert.match((await post('/oxguard/login?action=changepass', change)).json.auth, /^v1\./)
    assert.match((await keyLogin(person, 'another password')).json.auth, /^v1\./)
  })

  it('that cannot be read is a wrong password, in the same words, and counts as one', async () => {
    const person = await newKeyOwner(house, 'garbage@example.org')
    const pubKey = await pubKeyFor(person)
    const path = '/oxguard/keys?action=getKey'
    const words = ({ status, json }: Reply) => ({ status, ...json, error_id: '' })
    const wrong = words(await person.call('POST', path, { form: { password: 'wrong' } }))
    const probes = { 'a wrong one': jsEncrypt(pubKey, 'wrong'), ...garbage(pubKey) }
    for (const [name, e_password] of Object.entries(probes)) {
      const reply = await person.call('POST', path, { form: { e_password } })
      assertError(reply, 'PGP-CORE-0003', 'USER_INPUT')
      assert.deepEqual(words(reply), wrong, name)
      assert.equal(
        (await person.call('POST', '/oxguard/login?action=login', { form: { e_password } })).json.auth,
        'Bad Password',
      )
      // The right one forgives what was counted.
      assert.match((await keyLogin(person, KEY_PASSWORD)).json.auth, /^v1\./)
    }
    for (let tries = 0; tries < 5; tries++) await person.call('POST', path, { form: { e_password: 'garbage' } })
    assert.equal((await keyLogin(person, KEY_PASSWORD)).json.auth, 'Lockout')
  })

  it('that cannot be read locks no key', async () => {
    const person = await newPerson(house, 'new@example.org')
    for (const e_password of Object.values(garbage(await pubKeyFor(person)))) {
      const form = { name: 'Some Body', e_password }
      const { json } = await person.call('POST', '/oxguard/keys?action=create', { form })
      // One in four hundred turns into a few letters.
      assert.ok(['PGP-CORE-0003', 'GRD-AUTH-0003'].includes(json.code), json.code)
    }
    const owner = await newKeyOwner(house, 'kept@example.org')
    const json = { oldpass: KEY_PASSWORD, e_newpass: 'garbage' }
    const changed = await owner.call('POST', '/oxguard/login?action=changepass', { json })
    assert.deepEqual([changed.json.code, changed.json.auth], ['PGP-CORE-0003', 'Bad Password'])
    assert.match((await keyLogin(owner, KEY_PASSWORD)).json.auth, /^v1\./)
  })

  it('stays with its key over a restart; the key is sealed', async () => {
    const person = await newKeyOwner(house, 'restart@example.org')
    const pubKey = await pubKeyFor(person)
    await house.restart()
    assert.equal(await pubKeyFor(person), pubKey)
    const rows = await house.ctx.db
      .selectFrom('server_secret')
      .selectAll()
      .where('name', 'like', 'password transport%')
      .execute()
    assert.equal(rows.length, 1)
    assert.doesNotMatch(rows[0]!.value, /PRIVATE KEY/)
  })

  it('has one key however many nodes need it first', async () => {
    const { ctx } = house
    await ctx.db.deleteFrom('server_secret').where('name', '=', 'password transport').execute()
    // A node is known by its connection: these have none of the first one's memory.
    const nodes = Array.from({ length: 3 }, () => ({ ...ctx, database: { ...ctx.database } }))
    const keys = await Promise.all(nodes.map((node) => transportKey(node)))
    assert.equal(new Set(keys).size, 1)
  })

  it('gets a new key every year, told when all nodes know it; the old one is read for thirty days', async () => {
    const old = await startHouse({ engine })
    try {
      await newKeyOwner(old, 'year@example.org')
      const again = () => signIn(old, 'year@example.org')
      const first = await pubKeyFor(await again())
      const login = async (e_password: string): Promise<string> =>
        (await (await again()).call('POST', '/oxguard/login?action=login', { form: { e_password } })).json.auth
      old.clock.turn(365 * DAY)
      assert.equal(await pubKeyFor(await again()), first)
      assert.match(await login(jsEncrypt(first, KEY_PASSWORD)), /^v1\./)
      // Another node has learnt of it by now, and would read it.
      const other = { ...old.ctx, database: { ...old.ctx.database } }
      old.clock.turn(3_600_000)
      const second = await pubKeyFor(await again())
      assert.notEqual(second, first)
      assert.equal(await readTransported(other, jsEncrypt(second, 'right')), 'right')
      const now = [
        jsEncrypt(first, KEY_PASSWORD),
        await oaep(first, KEY_PASSWORD, 'SHA-1'),
        jsEncrypt(second, KEY_PASSWORD),
      ]
      for (const sealed of now) assert.match(await login(sealed), /^v1\./)
      for (const sealed of Object.values(garbage(first)).slice(0, 4)) assert.equal(await login(sealed), 'Bad Password')
      await login(jsEncrypt(second, KEY_PASSWORD))
      old.clock.turn(30 * DAY)
      assert.equal(await login(jsEncrypt(first, KEY_PASSWORD)), 'Bad Password')
      assert.match(await login(jsEncrypt(second, KEY_PASSWORD)), /^v1\./)
      const rows = await old.ctx.db
        .selectFrom('server_secret')
        .select('name')
        .where('name', 'like', 'password%')
        .execute()
      assert.deepEqual(
        rows.map(({ name }) => name),
        ['password transport 2'],
      )
      await old.restart()
      assert.equal(await pubKeyFor(await again()), second)
    } finally {
      await old.stop()
    }
  })

  it('costs the same tries with every key, whatever it is', async () => {
    const tries: string[] = []
    const keys = (await Promise.all([makeTransportKey(), makeTransportKey()])).map((pem, index) => {
      const key = opened(pem)
      return {
        ...key,
        tries(ciphertext: Buffer) {
          tries.push(`${index} ${ciphertext.length}`)
          return key.tries(ciphertext)
        },
      }
    })
    const [first, second] = keys.map(({ publicPem }) => publicPem) as [string, string]
    const right = [jsEncrypt(first, 'right'), jsEncrypt(second, 'right'), await oaep(second, 'right', 'SHA-256')]
    for (const sealed of [...right, ...Object.values(garbage(first))]) {
      tries.length = 0
      const text = read(keys, sealed)
      assert.equal(text === 'right', right.includes(sealed))
      assert.deepEqual(tries, ['0 256', '1 256'])
    }
  })
})
