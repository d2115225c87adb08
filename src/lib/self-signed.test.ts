import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, request, type Server } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { promisify } from 'node:util'
import { type SelfSigned, selfSignedCertificate } from './self-signed.ts'

const names = ['localhost', '127.0.0.1', '::1', 'mail.bücher.example', '*.house.example']
const now = Date.now()
const days = 30

describe('selfSignedCertificate', () => {
  let pair: SelfSigned
  let certificate: X509Certificate
  let server: Server
  let folder: string
  let port: number
  before(async () => {
    pair = await selfSignedCertificate({ names, now, days })
    certificate = new X509Certificate(pair.cert)
    server = createServer(pair, (_request, response) => response.end('hello'))
    await once(server.listen(0, '127.0.0.1'), 'listening')
    port = (server.address() as { port: number }).port
    folder = await mkdtemp(join(tmpdir(), 'self-signed-'))
    await writeFile(join(folder, 'cert.pem'), pair.cert)
  })
  after(async () => {
    server.closeAllConnections()
    server.close()
    await rm(folder, { recursive: true })
  })

  it('is an ECDSA P-256 pair that belongs together', () => {
    assert.equal(certificate.publicKey.asymmetricKeyType, 'ec')
    assert.equal(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1')
    assert.ok(certificate.checkPrivateKey(createPrivateKey(pair.key)))
    assert.ok(certificate.verify(certificate.publicKey))
    assert.equal(certificate.ca, false)
  })

  it('speaks for its names and addresses and for no others', () => {
    for (const host of ['localhost', 'mail.xn--bcher-kva.example', 'a.house.example']) {
      assert.ok(certificate.checkHost(host), host)
    }
    for (const ip of ['127.0.0.1', '::1']) assert.ok(certificate.checkIP(ip), ip)
    assert.equal(certificate.checkHost('example.org'), undefined)
    assert.equal(certificate.checkIP('127.0.0.2'), undefined)
  })

  it('is valid from a little before now for the days asked', () => {
    assert.ok(certificate.validFromDate.getTime() < now)
    assert.equal(Math.floor((now + days * 86_400_000) / 1000) * 1000, certificate.validToDate.getTime())
  })

  it('can outlast the two-digit years', async () => {
    const { cert } = await selfSignedCertificate({ names: ['localhost'], now, days: 365 * 40 })
    assert.ok(new X509Certificate(cert).validToDate.getTime() > Date.UTC(2060, 0, 1))
  })

  it('differs each time', async () => {
    const other = new X509Certificate((await selfSignedCertificate({ names: ['localhost'], now, days })).cert)
    assert.notEqual(other.serialNumber, certificate.serialNumber)
  })

  it('is trusted by a client that was given it, and by no other', async () => {
    const ask = async (ca?: string) => {
      const call = request({ host: '127.0.0.1', port, ca, agent: false })
      const [response] = await once(call.end(), 'response')
      return (await response.toArray()).join('')
    }
    assert.equal(await ask(pair.cert), 'hello')
    await assert.rejects(ask(), /self-signed/)
  })

  it('satisfies curl --cacert', { skip: spawnSync('curl', ['--version']).error && 'no curl here' }, async () => {
    const curl = (host: string) =>
      promisify(execFile)('curl', [
        '-sS',
        '--noproxy',
        '*',
        '--cacert',
        join(folder, 'cert.pem'),
        `https://${host}:${port}/`,
      ])
    for (const host of ['localhost', '127.0.0.1']) assert.equal((await curl(host)).stdout, 'hello')
  })

  it('satisfies the strict rules of openssl', {
    skip: spawnSync('openssl', ['version']).error && 'no openssl here',
  }, async () => {
    const file = join(folder, 'cert.pem')
    const strictly = ['verify', '-x509_strict', '-purpose', 'sslserver', '-verify_ip', '::1', '-CAfile', file, file]
    assert.match((await promisify(execFile)('openssl', strictly)).stdout, /: OK/)
  })

  it('takes the bracketed form of an address from a url', async () => {
    const { cert } = await selfSignedCertificate({ names: ['[::1]'], now, days })
    assert.ok(new X509Certificate(cert).checkIP('::1'))
  })

  for (const bad of ['', 'two words', 'a,CN=evil', 'https://x', 'x_y..z', '-']) {
    it(`refuses the name ${JSON.stringify(bad)}`, async () => {
      await assert.rejects(selfSignedCertificate({ names: [bad], now, days }), /host name or address/)
    })
  }
  it('refuses an empty list', async () => {
    await assert.rejects(selfSignedCertificate({ names: [], now, days }), /at least one/)
  })
})
