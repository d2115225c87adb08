import assert from 'node:assert/strict'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { after, afterEach, before, describe, it, mock } from 'node:test'
import tls from 'node:tls'
import { gzipSync } from 'node:zlib'
import { armor } from '#src/lib/openpgp/armor.ts'
import { FetchFailure, type GuardedFetch, type GuardedFetchOptions, guardedFetch } from './guarded-fetch.ts'
import { isPublicAddress, isPublicName, type Resolve, systemResolve } from './public-address.ts'
import { type StrangersServer, strangersServer } from './testing.ts'

const KEY = Buffer.concat([Buffer.from([0xc6, 3]), Buffer.from('key')])
const MIB = 1_048_576
const PUBLIC = '93.184.215.14'

describe('public addresses', () => {
  it('are those that anybody has', () => {
    for (const address of [PUBLIC, '1.1.1.1', '2606:4700:4700::1111', '2a00:1450:4001:80b::200e'])
      assert.equal(isPublicAddress(address), true, address)
  })

  it('are none that lead home, in whatever spelling', () => {
    const home = [
      ...['127.0.0.1', '127.8.9.1', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', '0.0.0.0', '0.1.2.3'],
      ...['169.254.169.254', '100.64.0.1', '100.127.255.255', '224.0.0.1', '239.1.1.1', '240.0.0.1'],
      ...['255.255.255.255', '192.0.0.8', '192.0.2.1', '198.18.0.1', '198.51.100.1', '203.0.113.1', '192.88.99.1'],
      ...[
        '::1',
        '::',
        '::ffff:10.0.0.1',
        '::ffff:8.8.8.8',
        '::ffff:0:10.0.0.1',
        '::10.0.0.1',
        'fe80::1',
        'fe80::1%eth0',
      ],
      ...['fc00::1', 'fd12:3456::1', 'fec0::1', 'ff02::1', '64:ff9b::10.0.0.1', '64:ff9b:1::1', '100::1'],
      ...['2002:a00:1::1', '2002:808:808::1', '2001::1', '2001:0:a00:1::', '2001:db8::1', '2001:10::1', '2001:20::1'],
      ...['3fff::1', '5f00::1', '4000::1', '2a00:1450::5efe:10.0.0.1', '2a00:1450::200:5efe:a00:1'],
      ...['', 'localhost', '127.1', '0x7f000001', '2130706433', '1.1.1.1/8', '[::1]'],
    ]
    assert.deepEqual(home.filter(isPublicAddress), [])
  })

  it('are not looked for behind names that the internet does not have', () => {
    for (const name of [
      'a.test',
      'example',
      'a.b.example',
      'x.local',
      'x.internal',
      'a.onion',
      'x.home.arpa',
      'localhost',
    ])
      assert.equal(isPublicName(name), false, name)
    for (const name of ['example.org', 'test.org', 'mylocal', 'a.notexample'])
      assert.equal(isPublicName(name), true, name)
  })

  it('come from a resolver that stops when it is told to', async () => {
    const signal = AbortSignal.timeout(1)
    // Whatever name servers this machine has: after that instant nobody waits for them.
    await assert.rejects(systemResolve('key.invalid', signal).then((found) => assert.notDeepEqual(found, [])))
  })
})

describe('guarded fetch', () => {
  let server: StrangersServer
  let answer: (request: IncomingMessage, response: ServerResponse) => void = () => {}
  before(async () => {
    server = await strangersServer(['keys.example.net', 'other.example.net'], (...both) => answer(...both))
  })
  after(() => server.close())
  afterEach(() => mock.restoreAll())

  const nowhere: Resolve = async () => []
  const fetching = (more: Partial<GuardedFetchOptions> = {}): GuardedFetch =>
    guardedFetch({
      resolve: nowhere,
      internal: [{ host: 'keys.example.net', ip: '127.0.0.1', port: server.port }],
      ca: server.ca,
      timeoutMs: 2000,
      ...more,
    })
  const asks = (url: string, more?: Partial<GuardedFetchOptions>) => fetching(more).keysAt(new URL(url))
  const fails = async (kind: FetchFailure['kind'], url = 'https://keys.example.net/key', more = {}) => {
    await assert.rejects(asks(url, more), (error: unknown) => {
      assert.ok(error instanceof FetchFailure, String(error))
      assert.equal(error.kind, kind, error.message)
      return true
    })
  }
  const says = (status: number, headers: Record<string, string> = {}, body: string | Buffer = '') => {
    answer = (_request, response) => void response.writeHead(status, headers).end(body)
  }

  it('brings keys, binary and armored, and sends nothing of itself along', async () => {
    says(200, { 'Content-Type': 'application/octet-stream' }, KEY)
    assert.deepEqual(await asks('https://keys.example.net/key?l=a'), KEY)
    const { url, host, headers } = server.asked.at(-1)!
    assert.deepEqual([url, host], ['/key?l=a', 'keys.example.net'])
    assert.deepEqual(Object.keys(headers).sort(), ['accept', 'connection', 'host', 'user-agent'])
    const armored = Buffer.from(`some words before\n${armor('PUBLIC KEY BLOCK', KEY)}`)
    says(200, { 'Content-Type': 'text/plain' }, armored)
    assert.deepEqual(await asks('https://keys.example.net/key'), armored)
  })

  it('tells that there is none from an error', async () => {
    for (const status of [404, 410]) {
      says(status, { 'Content-Type': 'text/html' }, 'nothing')
      assert.equal(await asks('https://keys.example.net/key'), null)
    }
    for (const status of [204, 206, 300, 304, 401, 403, 429, 500, 503]) {
      says(status)
      await fails('unreachable')
    }
    await fails('no-host', 'https://nobody.example.net/key')
    await fails('unreachable', 'https://keys.example.net/key', {
      resolve: nowhere,
      internal: [{ host: 'keys.example.net', ip: '127.0.0.1', port: 1 }],
    })
  })

  it('asks no URL but https, with a name, at its usual port', async () => {
    const resolved: string[] = []
    const resolve: Resolve = async (host) => {
      resolved.push(host)
      return ['127.0.0.1']
    }
    const urls = [
      ...[
        'http://keys.example.net/',
        'ftp://keys.example.net/',
        'https://a:b@keys.example.net/',
        'https://a.org:8443/',
      ],
      ...['https://127.0.0.1/', 'https://[::1]/', 'https://[::ffff:10.0.0.1]/', 'https://169.254.169.254/latest'],
      ...['https://0x7f.1/', 'https://2130706433/', 'https://localhost/', 'https://router/', 'https://a.org./'],
      ...['https://1.1.1.1/', 'data:text/plain,x', 'file:///etc/passwd', 'https://a.org/#x'],
    ]
    for (const url of urls) await fails('forbidden', url, { resolve })
    assert.deepEqual(resolved, [])
    assert.equal(
      server.asked.some(({ host }) => host.includes('@')),
      false,
    )
  })

  it('connects to no address that is not public', async () => {
    const count = server.asked.length
    for (const address of [
      '127.0.0.1',
      '::1',
      '::ffff:10.0.0.1',
      '10.1.2.3',
      '169.254.169.254',
      'fe80::1',
      '100.64.1.1',
    ])
      await fails('forbidden', 'https://wkd.example.org/key', { resolve: async () => [address] })
    // One good address does not cover for a bad one.
    await fails('forbidden', 'https://wkd.example.org/key', { resolve: async () => [PUBLIC, '127.0.0.1'] })
    assert.equal(server.asked.length, count)
  })

  it('connects to the very address that was judged, and resolves a name once', async () => {
    let resolved = 0
    const resolve: Resolve = async () => (resolved++ === 0 ? [PUBLIC, '2606:4700:4700::1111'] : ['127.0.0.1'])
    const { connect } = tls
    const places: unknown[] = []
    // Stands for the internet: notes where the connection would have gone, and leads it to the server of the test.
    mock.method(tls, 'connect', (options: tls.ConnectionOptions) => {
      options.lookup!(options.host!, { all: true }, (_error, found) =>
        places.push([(found as { address: string }[]).map(({ address }) => address), options.port, options.servername]),
      )
      return connect({ ...options, host: '127.0.0.1', port: server.port, ca: server.ca })
    })
    let redirects = 0
    answer = (request, response) => {
      if (redirects++ > 0) response.writeHead(200).end(KEY)
      else response.writeHead(302, { Location: `https://${request.headers.host}/again` }).end()
    }
    assert.deepEqual(await asks('https://other.example.net/key', { resolve, internal: [], ca: null }), KEY)
    assert.equal(resolved, 1)
    const place = [[PUBLIC, '2606:4700:4700::1111'], 443, 'other.example.net']
    assert.deepEqual(places, [place, place])
  })

  it('heeds no proxy', async () => {
    says(200, {}, KEY)
    const before = process.env.HTTPS_PROXY
    process.env.HTTPS_PROXY = 'http://127.0.0.1:1'
    process.env.NODE_USE_ENV_PROXY = '1'
    try {
      assert.deepEqual(await asks('https://keys.example.net/key'), KEY)
    } finally {
      if (before === undefined) delete process.env.HTTPS_PROXY
      else process.env.HTTPS_PROXY = before
      delete process.env.NODE_USE_ENV_PROXY
    }
  })

  it('believes the certificate of an own authority for own hosts only', async () => {
    says(200, {}, KEY)
    await fails('unreachable', 'https://keys.example.net/key', { ca: null })
    // The certificate names two hosts, and this is neither.
    const internal = [{ host: 'third.example.net', ip: '127.0.0.1', port: server.port }]
    await fails('unreachable', 'https://third.example.net/key', { internal })
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    try {
      await fails('unreachable', 'https://third.example.net/key', { internal })
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
    }
  })

  it('follows two redirects, on the same host and by https only', async () => {
    let redirects = 0
    const redirecting = (most: number) => {
      redirects = 0
      answer = (_request, response) => {
        if (redirects++ === most) response.writeHead(200).end(KEY)
        else response.writeHead([301, 302, 303, 307, 308][redirects]!, { Location: `/again/${redirects}` }).end()
      }
    }
    redirecting(2)
    assert.deepEqual(await asks('https://keys.example.net/key'), KEY)
    redirecting(3)
    await fails('forbidden')
    for (const location of [
      ...[
        'https://other.example.net/',
        'http://keys.example.net/',
        'https://127.0.0.1/',
        'https://keys.example.net:1/',
      ],
      ...['//other.example.net/', 'https://u:p@keys.example.net/', 'https://keys.example.net.evil.org/', 'file:///x'],
    ]) {
      says(302, { Location: location })
      const count = server.asked.length
      await fails('forbidden')
      assert.equal(server.asked.length, count + 1, location)
    }
    says(302)
    await fails('unreachable')
  })

  it('takes keys and nothing else', async () => {
    const page = '<html>-----BEGIN PGP PUBLIC KEY BLOCK-----</html>'
    for (const type of ['text/html', 'Text/HTML; charset=utf-8', 'application/xhtml+xml']) {
      says(200, { 'Content-Type': type }, page)
      await fails('unfit')
    }
    for (const body of [
      '',
      'hello',
      '-----BEGIN PGP PRIVATE KEY BLOCK-----',
      Buffer.from([0xc5, 1, 1]),
      Buffer.from([0x95]),
    ]) {
      says(200, {}, body)
      await fails('unfit')
    }
    says(200, {}, Buffer.from([0x99, 0, 1, 4]))
    assert.ok(await asks('https://keys.example.net/key'))
  })

  it('unpacks nothing', async () => {
    const bomb = gzipSync(Buffer.alloc(50 * MIB))
    for (const encoding of ['gzip', 'br', 'deflate', 'GZIP', 'identity, gzip']) {
      says(200, { 'Content-Encoding': encoding }, bomb)
      await fails('unfit')
    }
    says(200, { 'Content-Encoding': 'identity' }, KEY)
    assert.deepEqual(await asks('https://keys.example.net/key'), KEY)
  })

  it('reads one MiB and no more', async () => {
    says(200, {}, Buffer.concat([KEY, Buffer.alloc(MIB - KEY.length)]))
    assert.equal((await asks('https://keys.example.net/key'))?.length, MIB)
    says(200, {}, Buffer.concat([KEY, Buffer.alloc(MIB)]))
    await fails('too-large')
    answer = (_request, response) => void response.writeHead(200, { 'Content-Length': String(1024 * MIB) }).write(KEY)
    await fails('too-large')
    // A gigabyte that tells no length: as much as the pipe holds is sent, and then nobody reads.
    let sent = 0
    answer = (_request, response) => {
      response.writeHead(200)
      response.write(KEY)
      const piece = Buffer.alloc(65_536)
      const more = () => {
        while (!response.destroyed && sent < 1024 * MIB) {
          sent += piece.length
          if (!response.write(piece)) return
        }
      }
      response.on('drain', more)
      more()
    }
    await fails('too-large')
    assert.ok(sent < 32 * MIB, `${sent} bytes sent`)
  })

  it('waits no longer than told, whatever is slow', async () => {
    const slow = { timeoutMs: 300 }
    const begun = performance.now()
    const trickle = (response: ServerResponse, write: () => void) => {
      const timer = setInterval(write, 50)
      response.on('close', () => clearInterval(timer))
    }
    answer = () => {}
    await fails('timeout', undefined, slow)
    answer = (_request, response) => {
      response.writeHead(200)
      trickle(response, () => response.write(KEY))
    }
    await fails('timeout', undefined, slow)
    answer = (_request, response) => trickle(response, () => response.writeProcessing())
    await fails('timeout', undefined, slow)
    // A name server that never answers, and a resolver that does not even hear that nobody waits.
    await fails('timeout', 'https://wkd.example.org/', { ...slow, resolve: () => new Promise<string[]>(() => {}) })
    answer = (_request, response) => setTimeout(() => response.writeHead(302, { Location: '/' }).end(), 140)
    await fails('timeout', undefined, slow)
    assert.ok(performance.now() - begun < 3000, `${performance.now() - begun} ms`)
  })

  it('lets a crowd of slow servers cost nobody more than the deadline', async () => {
    answer = () => {}
    const fetch = fetching({ timeoutMs: 1500 })
    const begun = performance.now()
    const ends = await Promise.allSettled(
      Array.from({ length: 400 }, () => fetch.keysAt(new URL('https://keys.example.net/key'))),
    )
    assert.ok(performance.now() - begun < 8000)
    const kinds = ends.map((end) => (end.status === 'rejected' ? end.reason.kind : 'answered'))
    assert.equal(kinds.filter((kind) => kind === 'busy').length, 400 - 32 - 256)
    assert.equal(kinds.filter((kind) => kind === 'timeout').length, 32 + 256)
    // Their places are free again at once.
    says(200, {}, KEY)
    assert.deepEqual(await fetch.keysAt(new URL('https://keys.example.net/key')), KEY)
  })
})
