import assert from 'node:assert/strict'
import { after, before, beforeEach, it } from 'node:test'
import { addAddress, awaitConfirmation, findByAddress } from '#src/domain/accounts/accounts.ts'
import { wkdName } from '#src/lib/wkd.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { newAccount, newKeyOwner, newPerson, origin } from '../guard/person.ts'
import { bring, madeKey, ownerOf, readKeys, suspend, textsOf } from './owners.ts'

onEveryEngine('Web Key Directory', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())
  // So many questions a second and no more; a clock that stands still would count them all together.
  beforeEach(() => house.clock.turn(1000))

  const advanced = (email: string) => {
    const domain = email.slice(email.lastIndexOf('@') + 1)
    return `/.well-known/openpgpkey/${domain}/hu/${wkdName(email)}`
  }
  const found = async (email: string) => {
    const { status, bytes } = await house.call('GET', advanced(email))
    return status === 200 ? readKeys(house, bytes) : status
  }

  it('gives the key of an address, binary, to every page', async () => {
    await newKeyOwner(house, 'anna@example.org')
    const reply = await house.call('GET', advanced('anna@example.org'))
    assert.equal(reply.status, 200)
    assert.equal(reply.headers.get('content-type'), 'application/octet-stream')
    assert.equal(reply.headers.get('access-control-allow-origin'), '*')
    assert.match(reply.headers.get('cache-control') ?? '', /max-age=300/)
    assert.ok((reply.bytes[0]! & 0x80) !== 0)
    const [info] = await readKeys(house, reply.bytes)
    assert.deepEqual(textsOf(info!), ['Some Body <anna@example.org>'])
    assert.equal(info!.canEncrypt, true)
  })

  it('answers HEAD like GET without the key, and 304 to who has it already', async () => {
    await newKeyOwner(house, 'head@example.org')
    const path = advanced('head@example.org')
    const got = await house.call('GET', path)
    const head = await house.call('HEAD', path)
    assert.deepEqual([head.status, head.bytes.length], [200, 0])
    for (const name of ['content-type', 'content-length', 'etag', 'access-control-allow-origin'])
      assert.equal(head.headers.get(name), got.headers.get(name), name)
    assert.equal(Number(head.headers.get('content-length')), got.bytes.length)
    const etag = got.headers.get('etag')!
    const again = await house.call('GET', path, { headers: { 'If-None-Match': `W/${etag}` } })
    assert.deepEqual([again.status, again.bytes.length, again.headers.get('etag')], [304, 0, etag])
    assert.equal((await house.call('HEAD', advanced('nobody@example.org'))).status, 404)
    const preflight = await house.call('OPTIONS', path)
    assert.deepEqual([preflight.status, preflight.headers.get('access-control-allow-origin')], [204, '*'])
    assert.equal((await house.call('POST', path)).status, 405)
  })

  it('knows the direct method and the path that proxies make of it, by the host', async () => {
    await newKeyOwner(house, 'direct@127.0.0.1.example')
    const { bytes } = await house.call('GET', advanced('direct@127.0.0.1.example'))
    const name = wkdName('direct@127.0.0.1.example')
    for (const path of [`/.well-known/openpgpkey/hu/${name}`, `/hu/${name}`])
      for (const [host, status] of [
        ['127.0.0.1.example', 200],
        ['127.0.0.1.EXAMPLE:8443', 200],
        ['openpgpkey.127.0.0.1.example', 200],
        ['example.org', 404],
      ] as const) {
        const reply = await askedAs(house.url, host, path)
        assert.equal(reply.status, status, `${host} ${path}`)
        if (status === 200) assert.deepEqual(reply.bytes, bytes)
      }
  })

  it('goes by the hash alone, in any case, whatever the local part beside it says', async () => {
    await newKeyOwner(house, 'spelled@example.org')
    const path = advanced('spelled@example.org')
    const { bytes } = await house.call('GET', path)
    const name = wkdName('spelled@example.org')
    for (const other of [
      `${path}?l=spelled`,
      `${path}?l=Somebody.Else`,
      `${path}?l=%F0%9F%94%91`,
      path.replace(name, name.toUpperCase()),
      path.replace('example.org', 'Example.ORG'),
    ])
      assert.deepEqual((await house.call('GET', other)).bytes, bytes, other)
  })

  it('says 404 of what it does not have, and 400 or 404 of nonsense', async () => {
    await newAccount(house, 'keyless@example.org')
    await newKeyOwner(house, 'known@example.org')
    const name = wkdName('known@example.org')
    for (const path of [
      advanced('keyless@example.org'),
      advanced('nobody@example.org'),
      `/.well-known/openpgpkey/example.com/hu/${name}`,
      `/.well-known/openpgpkey/%25.org/hu/${name}`,
      `/.well-known/openpgpkey/example_org/hu/${name}`,
      `/.well-known/openpgpkey/example.org/hu/${name}x`,
      `/.well-known/openpgpkey/example.org/hu/${'y'.repeat(4000)}`,
      '/.well-known/openpgpkey/example.org/hu/%27%20or%201=1--',
      '/.well-known/openpgpkey/example.org/hu/..%2F..%2Fetc%2Fpasswd',
      '/.well-known/openpgpkey/example.org/hu/',
      '/hu/',
    ]) {
      const reply = await house.call('GET', path)
      assert.equal(reply.status, 404, path)
      assert.doesNotMatch(reply.text, /passwd|yyyy/)
    }
    for (const path of [
      '/.well-known/openpgpkey/example.org/hu/%00',
      `/.well-known/openpgpkey/%00/hu/${name}`,
      `${advanced('known@example.org')}?l=%00`,
      `${advanced('known@example.org')}?l=%FF`,
      `${advanced('known@example.org')}?l=a&l=b`,
    ]) {
      const reply = await house.call('GET', path)
      assert.equal(reply.status, 400, path)
      assert.match(reply.headers.get('content-type') ?? '', /^text\/plain/)
      assert.equal(reply.headers.get('access-control-allow-origin'), '*')
      assert.equal(reply.headers.get('cache-control'), 'no-store')
    }
  })

  it('shows of a ring only the user id that was asked for', async () => {
    const person = await newPerson(house, 'first@example.org')
    const account = (await findByAddress(house.ctx, 'first@example.org'))!
    const caller = (await findByAddress(house.ctx, house.rootEmail))!
    await addAddress(house.ctx, { caller, account, address: 'second@example.net', origin })
    const { secret } = await madeKey(house, 'first@example.org', 'second@example.net', 'foreign@example.com')
    await bring(person, secret)
    const names = async (email: string) => (await found(email)) as Awaited<ReturnType<typeof readKeys>>
    assert.deepEqual((await names('first@example.org')).map(textsOf), [['Some Body <first@example.org>']])
    assert.deepEqual((await names('second@example.net')).map(textsOf), [['Some Body <second@example.net>']])
    assert.equal(await found('foreign@example.com'), 404)
  })

  it('shows no key of an account that is unconfirmed or suspended, and shows it again', async () => {
    const { key } = await ownerOf(house, 'standing@example.org')
    const { id } = (await findByAddress(house.ctx, 'standing@example.org'))!
    const isThere = async () => {
      const keys = await found('standing@example.org')
      return keys === 404 ? false : (keys as { fingerprint: string }[])[0]!.fingerprint === key.info.fingerprint
    }
    assert.equal(await isThere(), true)
    await suspend(house, 'standing@example.org', true)
    assert.equal(await isThere(), false)
    await suspend(house, 'standing@example.org', false)
    assert.equal(await isThere(), true)
    await awaitConfirmation(house.ctx, id)
    assert.equal(await isThere(), false)
  })

  it('has a policy that says nothing, and no submission address', async () => {
    for (const path of ['/.well-known/openpgpkey/policy', '/.well-known/openpgpkey/example.org/policy']) {
      const { status, text } = await house.call('GET', path)
      assert.deepEqual([status, text], [200, ''])
      assert.equal((await house.call('GET', path.replace('policy', 'submission-address'))).status, 404)
    }
  })

  it('lets one network ask so often within a second', async () => {
    house.clock.turn(1000)
    const asked = await Promise.all(
      Array.from({ length: 40 }, (_, n) => house.call('GET', advanced(`n${n}@example.org`))),
    )
    const statuses = asked.map(({ status }) => status)
    assert.deepEqual([...new Set(statuses)].sort(), [404, 429])
    assert.equal(asked.find(({ status }) => status === 429)!.headers.get('retry-after'), '1')
    house.clock.turn(1000)
    assert.equal((await house.call('GET', advanced('n1@example.org'))).status, 404)
  })
})

onEveryEngine('No Web Key Directory', (engine) => {
  it('shows nothing where the operator wants none', async () => {
    const house = await startHouse({ engine, settings: { CHATELAINE_PUBLISH_KEYS: 'off' } })
    try {
      await newKeyOwner(house, 'anna@example.org')
      const name = wkdName('anna@example.org')
      for (const path of [
        `/.well-known/openpgpkey/example.org/hu/${name}`,
        '/.well-known/openpgpkey/example.org/policy',
        '/pks/lookup?op=get&search=anna@example.org',
        '/vks/v1/by-email/anna@example.org',
      ])
        assert.equal((await house.call('GET', path)).status, 404, path)
    } finally {
      await house.stop()
    }
  })
})

/** A request under another name of the host; `fetch` would not let that through. */
async function askedAs(base: string, host: string, path: string): Promise<{ status: number; bytes: Buffer }> {
  const { request } = await import('node:http')
  return new Promise((resolve, reject) => {
    const sent = request(base + path, { headers: { Host: host } }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => resolve({ status: answer.statusCode!, bytes: Buffer.concat(chunks) }))
    })
    sent.on('error', reject)
    sent.end()
  })
}
