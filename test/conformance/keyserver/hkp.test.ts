import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { after, before, beforeEach, it } from 'node:test'
import { promisify } from 'node:util'
import { generateKey } from 'openpgp'
import { armor } from '#src/lib/openpgp/armor.ts'
import { engine as openpgp } from '#src/lib/openpgp/engine.ts'
import { type GnuPg, gnuPg, hasGnuPg } from '#src/lib/openpgp/testing.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { newKeyOwner, newPerson } from '../guard/person.ts'
import { bring, madeKey, ownerOf, readKeys, vouchedFor } from './owners.ts'

/** Runs gpg while this process answers it. */
async function later(gpg: GnuPg, args: string[]): Promise<string> {
  const env = { ...process.env, GNUPGHOME: dirname(gpg.file('marker', '')), LC_ALL: 'C' }
  const { stderr } = await promisify(execFile)('gpg', ['--batch', '--no-tty', '--status-fd', '2', ...args], { env })
  return stderr
}

const hasDirmngr = spawnSync('dirmngr', ['--version']).status === 0

onEveryEngine('HKP', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())
  beforeEach(() => house.clock.turn(1000))

  const look = (query: Record<string, string>, at = '/pks/lookup') =>
    house.call('GET', `${at}?${new URLSearchParams(query)}`)

  it('gives keys by address, key id and fingerprint, at the path of key servers and the one inside', async () => {
    const { key } = await ownerOf(house, 'anna@example.org')
    const [primary, subkey] = key.info.keys
    for (const search of [
      'anna@example.org',
      'ANNA@example.org',
      'Anna <anna@example.org>',
      `0x${primary!.keyId}`,
      primary!.keyId.toLowerCase(),
      `0x${subkey!.keyId}`,
      `0X${primary!.fingerprint}`,
      subkey!.fingerprint,
    ])
      for (const at of ['/pks/lookup', '/pgp/lookup']) {
        const reply = await look({ op: 'get', options: 'mr', search, exact: 'on', fingerprint: 'on' }, at)
        assert.equal(reply.status, 200, search)
        assert.equal(reply.headers.get('content-type'), 'application/pgp-keys')
        assert.equal(reply.headers.get('access-control-allow-origin'), '*')
        const [info] = await readKeys(house, reply.bytes)
        assert.equal(info!.fingerprint, key.info.fingerprint)
      }
    house.clock.turn(1000)
    assert.equal((await house.call('HEAD', '/pks/lookup?op=get&search=anna@example.org')).status, 200)
  })

  it('writes an index for programs', async () => {
    const validSeconds = 1000
    const userIds = [{ name: 'Zoë 100%: "Größe"', email: 'zoe@example.org' }]
    const key = await openpgp.generate({ userIds, algorithm: 'curve25519', validSeconds, now: house.clock.now() })
    await ownerOf(house, 'zoe@example.org', key)
    const index = async (op = 'index') => (await look({ op, options: 'mr', search: 'zoe@example.org' })).text
    const { fingerprint, keys } = key.info
    const since = Math.floor(keys[0]!.created / 1000)
    const pub = `pub:${fingerprint}:22::${since}:${since + validSeconds}:`
    const uid = 'uid:Zo%C3%AB 100%25%3A "Gr%C3%B6%C3%9Fe" <zoe@example.org>:::'
    assert.equal(await index(), `info:1:1\n${pub}\n${uid}\n`)
    assert.equal(await index('vindex'), await index())
    house.clock.turn(validSeconds * 1000 + 1)
    assert.equal(await index(), `info:1:1\n${pub}e\n${uid}\n`)
  })

  it('writes an index for people, in which nothing is more than text', async () => {
    const person = await newPerson(house, 'evil@example.org')
    const userIDs = [{ name: `" onclick='x' >&amp;`, email: 'evil@example.org' }]
    const { publicKey } = await generateKey({ userIDs, date: new Date(house.clock.now()), format: 'binary' })
    await bring(person, publicKey)
    const page = await look({ op: 'index', search: 'evil@example.org' })
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
    assert.equal(page.headers.get('content-security-policy'), "default-src 'none'")
    assert.ok(page.text.includes('&#34; onclick=&#39;x&#39; &#62;&#38;amp; &#60;evil@example.org&#62;'), page.text)
    assert.match(page.text, /<p>Ed25519, X25519, made \d{4}-/)
    const link = /href="lookup\?([^"]+)"/.exec(page.text)![1]!.replaceAll('&amp;', '&')
    assert.equal((await house.call('GET', `/pks/lookup?${link}`)).status, 200)
  })

  it('does not search for parts of names, nor by ids that are made to be alike', async () => {
    const { key } = await ownerOf(house, 'whole@example.org')
    const { keyId, fingerprint } = key.info
    const cases: [Record<string, string>, number][] = [
      [{ op: 'get', search: 'whole' }, 501],
      [{ op: 'index', search: 'example.org' }, 501],
      [{ op: 'index', search: '@example.org' }, 501],
      [{ op: 'index', search: '%@example.org' }, 501],
      [{ op: 'index', search: '*' }, 501],
      [{ op: 'get', search: `0x${keyId.slice(-8)}` }, 400],
      [{ op: 'get', search: `0x${fingerprint.slice(-32)}` }, 400],
      [{ op: 'get', search: `0x${keyId}00` }, 400],
      [{ op: 'get', search: '0x' }, 400],
      [{ op: 'get', search: '' }, 400],
      [{ op: 'get' }, 400],
      [{ op: 'get', search: 'nobody@example.org' }, 404],
      [{ op: 'index', options: 'mr', search: 'nobody@example.org' }, 404],
      [{ op: 'stats' }, 501],
      [{ op: 'hget', search: 'x' }, 501],
      [{ op: 'get', search: 'a'.repeat(10_000) }, 501],
      [{ op: 'get', search: `${'<'.repeat(3000)}>` }, 501],
      [{ op: 'get', search: 'whole@example.org\0' }, 400],
    ]
    for (const [query, status] of cases) {
      const reply = await look(query)
      assert.equal(reply.status, status, JSON.stringify(query).slice(0, 100))
      assert.match(reply.headers.get('content-type') ?? '', /^text\/plain/)
      assert.equal(reply.headers.get('access-control-allow-origin'), '*')
    }
  })

  it('takes no keys unless the operator wants it', async () => {
    const { key } = await ownerOf(house, 'closed@example.org')
    const keytext = armor('PUBLIC KEY BLOCK', key.certificate)
    for (const at of ['/pks/add', '/pgp/add']) {
      const reply = await house.call('POST', at, { form: { keytext } })
      assert.equal(reply.status, 403)
      assert.match(reply.text, /takes no keys/)
      assert.equal((await house.call('GET', at)).status, 405)
    }
  })

  it('is read by GnuPG', { skip: !hasGnuPg && 'no gpg' }, async (t) => {
    await newKeyOwner(house, 'gnupg@example.org')
    const { bytes } = await look({ op: 'get', search: 'gnupg@example.org' })
    const gpg = gnuPg(t, house.clock.now() + 1000)
    assert.match(gpg.status(['--import'], bytes).status, /IMPORT_OK 1/)
    assert.match(gpg.run(['--list-keys', '--with-colons', 'gnupg@example.org']).toString(), /^sub:.*e:/m)
  })

  it('is asked by GnuPG', { skip: !(hasGnuPg && hasDirmngr) && 'no gpg or dirmngr' }, async (t) => {
    const { key } = await ownerOf(house, 'asked@example.org')
    const gpg = gnuPg(t, house.clock.now() + 1000)
    const server = ['--keyserver', house.url.replace('http:', 'hkp:')]
    assert.match(await later(gpg, [...server, '--recv-keys', key.info.fingerprint]), /IMPORT_OK 1/)
    assert.match(gpg.run(['--list-keys', 'asked@example.org']).toString(), /asked@example\.org/)
    await assert.rejects(later(gpg, [...server, '--recv-keys', '0'.repeat(40)]), /No data/)
  })
})

onEveryEngine('HKP that takes keys', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine, settings: { CHATELAINE_KEY_SERVER_ADD: 'on' } })
  })
  after(() => house.stop())
  beforeEach(() => house.clock.turn(1000))

  const add = (certificate: Uint8Array) =>
    house.call('POST', '/pks/add', { form: { keytext: armor('PUBLIC KEY BLOCK', certificate) } })
  const shown = async (email: string) => {
    const { bytes } = await house.call('GET', `/pks/lookup?op=get&search=${email}`)
    return { bytes, info: (await readKeys(house, bytes))[0]! }
  }

  it('learns what a key of ours says of itself, and nothing that others say', async () => {
    const { key } = await ownerOf(house, 'learns@example.org')
    const vouched = await add(await vouchedFor(house, key))
    assert.deepEqual([vouched.status, vouched.text], [200, '0 of 1 keys learnt something.\n'])
    const stranger = { name: 'Stranger', email: 'stranger@example.com' }
    const now = house.clock.now()
    const named = await openpgp.addUserId({ secret: key.secret, ...stranger, now })
    assert.match((await add(named.certificate)).text, /^0 of 1/)
    const { certificate } = await openpgp.revoke({ secret: key.secret, reason: 'compromised', now })
    house.clock.turn(1000)
    assert.match((await add(certificate)).text, /^1 of 1/)
    assert.equal((await shown('learns@example.org')).info.keys[0]!.revoked, true)
    const told = house.inbox.next('learns@example.org').then(({ text }) => text.replace(/\s/g, ''))
    assert.match(await told, new RegExp(key.info.fingerprint))
    house.clock.turn(1000)
    assert.match((await add(certificate)).text, /^0 of 1/)
  })

  it('takes no key that is not here, no secret, and nothing that is no key', async () => {
    const stranger = await madeKey(house, 'learns@example.org')
    assert.equal((await add(stranger.certificate)).status, 404)
    house.clock.turn(1000)
    const { key } = await ownerOf(house, 'secret@example.org', await madeKey(house, 'secret@example.org'))
    const keytext = armor('PRIVATE KEY BLOCK', key.secret)
    assert.equal((await house.call('POST', '/pks/add', { form: { keytext } })).status, 200)
    house.clock.turn(1000)
    for (const [form, status] of [
      [{ keytext: 'nonsense' }, 400],
      [{ keytext: '' }, 400],
      [{}, 400],
      [{ keytext: 'x'.repeat(2 ** 21) }, 413],
    ] as const) {
      assert.equal((await house.call('POST', '/pks/add', { form })).status, status)
      house.clock.turn(1000)
    }
  })

  it('takes so many an hour from one network', async () => {
    const { key } = await ownerOf(house, 'often@example.org')
    let last = await add(key.certificate)
    for (let tries = 0; tries < 70 && last.status === 200; tries++) {
      house.clock.turn(1000)
      last = await add(key.certificate)
    }
    assert.equal(last.status, 429)
    assert.ok(Number(last.headers.get('retry-after')) > 60)
  })
})
