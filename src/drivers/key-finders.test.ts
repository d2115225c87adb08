import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { after, before, describe, it } from 'node:test'
import { wkdName } from '#src/lib/wkd.ts'
import { FetchFailure, guardedFetch } from './guarded-fetch.ts'
import { hkpFinder } from './hkp.ts'
import type { Resolve } from './public-address.ts'
import { type StrangersServer, strangersServer } from './testing.ts'
import { vksFinder } from './vks.ts'
import { wkdFinder } from './wkd.ts'

const KEY = Buffer.concat([Buffer.from([0xc6, 3]), Buffer.from('key')])
const FINGERPRINT = 'ABCDEF0123456789ABCDEF0123456789ABCDEF01'
const FAR = 'openpgpkey.example.net'

describe('sources of keys in the world', () => {
  let server: StrangersServer
  let answer: (request: IncomingMessage, response: ServerResponse) => void = () => {}
  before(async () => {
    server = await strangersServer(['example.net', FAR, 'keys.example.org'], (...both) => answer(...both))
  })
  after(() => server.close())

  const noOne: Resolve = async () => []
  const fetching = (hosts: string[], resolve: Resolve = noOne) =>
    guardedFetch({
      resolve,
      internal: hosts.map((host) => ({ host, ip: '127.0.0.1', port: server.port })),
      ca: server.ca,
      timeoutMs: 1000,
    })
  const brings = () => {
    answer = (_request, response) => void response.writeHead(200).end(KEY)
  }
  const has404 = () => {
    answer = (_request, response) => void response.writeHead(404).end()
  }
  const asked = (from: number) => server.asked.slice(from).map(({ host, url }) => host + url)

  it('WKD: the advanced method', async () => {
    brings()
    const from = server.asked.length
    const { byAddress } = wkdFinder(fetching([FAR, 'example.net']))
    assert.deepEqual(await byAddress('joe.doe+x&y@example.net'), [KEY])
    const name = wkdName('joe.doe+x&y@example.net')
    assert.deepEqual(asked(from), [`${FAR}/.well-known/openpgpkey/example.net/hu/${name}?l=joe.doe%2Bx%26y`])
    // The hash of the draft's own example.
    assert.equal(wkdName('Joe.Doe@example.org'), 'iy9q119eutrkn8s1mk4r39qejnbu3n5q')
  })

  it('WKD: the direct method, where the sub-domain of the other does not exist', async () => {
    brings()
    const from = server.asked.length
    const { byAddress } = wkdFinder(fetching(['example.net']))
    assert.deepEqual(await byAddress('joe@example.net'), [KEY])
    assert.deepEqual(asked(from), [`example.net/.well-known/openpgpkey/hu/${wkdName('joe@example.net')}?l=joe`])
  })

  it('WKD: whoever has the sub-domain has the last word', async () => {
    has404()
    const from = server.asked.length
    assert.deepEqual(await wkdFinder(fetching([FAR, 'example.net'])).byAddress('joe@example.net'), [])
    assert.equal(asked(from).length, 1)
    answer = (_request, response) => void response.writeHead(500).end()
    await assert.rejects(wkdFinder(fetching([FAR, 'example.net'])).byAddress('joe@example.net'), FetchFailure)
    // That nobody knows whether it exists does not mean that it does not.
    const lost: Resolve = async () => {
      throw Object.assign(new Error('queryA ESERVFAIL'), { code: 'ESERVFAIL' })
    }
    brings()
    await assert.rejects(wkdFinder(fetching(['example.net'], lost)).byAddress('joe@example.net'), FetchFailure)
    assert.equal(asked(from).length, 2)
  })

  it('WKD: has nothing where there is no such domain, and asks no addresses of machines', async () => {
    const from = server.asked.length
    const { byAddress } = wkdFinder(fetching([]))
    assert.deepEqual(await byAddress('joe@nobody.example.net'), [])
    assert.deepEqual(await byAddress('joe@127.0.0.1'), [])
    assert.deepEqual(await byAddress('joe@[127.0.0.1]'), [])
    await assert.rejects(wkdFinder(fetching([], async () => ['10.0.0.1'])).byAddress('joe@example.net'), FetchFailure)
    assert.equal(server.asked.length, from)
  })

  it('VKS: by address and by fingerprint', async () => {
    brings()
    const from = server.asked.length
    const finder = vksFinder(fetching(['keys.example.org']), 'https://keys.example.org')
    assert.deepEqual(await finder.byAddress('joe/../x@example.net'), [KEY])
    assert.deepEqual(await finder.byFingerprint!(FINGERPRINT.toLowerCase()), KEY)
    assert.deepEqual(asked(from), [
      'keys.example.org/vks/v1/by-email/joe%2F..%2Fx%40example.net',
      `keys.example.org/vks/v1/by-fingerprint/${FINGERPRINT}`,
    ])
    has404()
    assert.deepEqual(await finder.byAddress('joe@example.net'), [])
    assert.equal(await finder.byFingerprint!(FINGERPRINT), null)
  })

  it('HKP over TLS: by address and by fingerprint', async () => {
    brings()
    const from = server.asked.length
    const finder = hkpFinder(fetching(['keys.example.org']), 'hkps://keys.example.org')
    assert.deepEqual(await finder.byAddress('joe&search=x@example.net'), [KEY])
    assert.deepEqual(await finder.byFingerprint!(FINGERPRINT), KEY)
    const lookup = 'keys.example.org/pks/lookup?op=get&options=mr&exact=on&search='
    assert.deepEqual(asked(from), [`${lookup}joe%26search%3Dx%40example.net`, `${lookup}0x${FINGERPRINT}`])
    has404()
    assert.deepEqual(await finder.byAddress('joe@example.net'), [])
  })
})
