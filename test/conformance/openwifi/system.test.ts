import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { connect, type TLSSocket } from 'node:tls'
import type { Level, Line } from '#src/lib/log.ts'
import { resourcesInUse } from '#src/lib/resources.ts'
import { selfSignedCertificate } from '#src/lib/self-signed.ts'
import { type Call, type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { asRoot, bearer, denied, newPerson, type Person, refused } from './people.ts'

const PATH = '/api/v1/system'
const DONE = { Code: 0, Details: 'Command completed.', Operation: 'POST' }
const KEY = 'an-internal-key-of-more-than-32-characters'

const NAMES = [
  'StorageClass',
  'SMSSender',
  'Authentication',
  'ActionLinkManager',
  'SMTPMailer',
  'RateLimiter',
  'TOTP-system',
  'WebSocketClientServer',
  'SecretStore',
  'KafkaManager',
  'ALBHealthCheckServer',
  'RESTAPI_ExtServer',
  'RESTAPI_IntServer',
]

const ask = (house: { call: Call }, { token }: Person, command: string) =>
  house.call('GET', `${PATH}?command=${command}`, { headers: bearer(token) })

const order = (house: { call: Call }, { token }: Person, json: unknown) =>
  house.call('POST', PATH, { json, headers: bearer(token) })

const version = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')).version

onEveryEngine('OpenWiFi: the system', (engine) => {
  let house: House
  let root: Person
  let csr: Person
  let templates: string
  before(async () => {
    templates = mkdtempSync(join(tmpdir(), 'chatelaine-templates-'))
    writeFileSync(join(templates, 'password_reset.txt'), 'Subject: The old words\n\nSome words.\n')
    const settings = {
      CHATELAINE_TEMPLATES: templates,
      CHATELAINE_INTERNAL_LISTEN: '127.0.0.1:0',
      CHATELAINE_INTERNAL_KEY: KEY,
      CHATELAINE_UI_URL: 'https://ui.example.org',
    }
    house = await startHouse({ engine, settings })
    root = await asRoot(house)
    csr = await newPerson(house, root)
  })
  after(async () => {
    await house.stop()
    rmSync(templates, { recursive: true, force: true })
  })

  const audited = async (event: string) => {
    const rows = await house.ctx.db.selectFrom('audit').selectAll().where('event', '=', event).orderBy('at').execute()
    return rows.map(({ actor_id, detail }) => ({ actor: actor_id, detail: JSON.parse(detail) }))
  }

  it('tells of itself to everybody who is signed in', async () => {
    const start = Math.floor(Date.UTC(2026, 0, 15, 12) / 1000)
    house.clock.turn(5000)
    const { json } = await ask(house, csr, 'info')
    const { hostname, os, processors, ...rest } = json
    assert.ok(hostname.length > 0 && os.length > 0 && processors > 0)
    const uptime = Math.floor(house.clock.now() / 1000) - start
    assert.deepEqual(rest, { UI: 'https://ui.example.org', certificates: [], start, uptime, version })
    assert.ok(uptime >= 5)
    assert.deepEqual((await ask(house, csr, 'extraConfiguration')).json, { additionalConfiguration: false })
    assert.equal((await house.call('GET', '/api/v1/openapi.json')).json.info.version, version)
  })

  it('tells what it uses, in bytes', async () => {
    const { json } = await ask(house, csr, 'resources')
    assert.deepEqual(Object.keys(json), [
      'currRealMem',
      'currVirtMem',
      'numberOfFileDescriptors',
      'peakRealMem',
      'peakVirtMem',
    ])
    for (const value of Object.values(json))
      assert.ok(Number.isInteger(value) && Number(value) > 0, JSON.stringify(json))
    assert.ok(json.peakRealMem >= json.currRealMem && json.currRealMem > 10_000_000)
    const elsewhere = await resourcesInUse('/nowhere')
    for (const value of Object.values(elsewhere)) assert.ok(Number.isInteger(value) && value >= 0)
  })

  it('is asked by sibling services too, and not by strangers', async () => {
    const headers = { 'X-INTERNAL-NAME': 'https://gw.example.org', 'X-API-KEY': KEY }
    assert.equal((await house.callInternal('GET', `${PATH}?command=info`, { headers })).json.version, version)
    const levels = { json: { command: 'setloglevel', subsystems: [] }, headers }
    denied(await house.callInternal('POST', PATH, levels), 7)
    denied(await house.call('GET', `${PATH}?command=info`, { headers }), 8)
    denied(await house.call('GET', `${PATH}?command=info`), 8)
    denied(await house.call('POST', PATH, { json: { command: 'getloglevels' } }), 8)
  })

  it('refuses what it does not understand', async () => {
    for (const command of ['', 'stats', 'constructor']) refused(await ask(house, root, command), 400, 1031)
    refused(await house.call('GET', PATH, { headers: bearer(root.token) }), 400, 1031)
    refused(await order(house, root, {}), 400, 1031)
    for (const command of ['stats', 'toString', '', 'x'.repeat(2000)])
      refused(await order(house, root, { command }), 400, 1018)
    refused(await house.call('POST', PATH, { headers: bearer(root.token) }), 400, 1002)
    refused(await order(house, root, []), 400, 1003)
  })

  it('names its subsystems and levels', async () => {
    assert.deepEqual((await order(house, csr, { command: 'GetSubsystemNames' })).json, {
      list: NAMES.map((name) => name.toLowerCase()),
    })
    assert.deepEqual((await order(house, csr, { command: 'getloglevelnames' })).json, {
      list: ['none', 'fatal', 'critical', 'error', 'warning', 'notice', 'information', 'debug', 'trace'],
    })
    const { tagList } = (await order(house, csr, { command: 'getloglevels' })).json
    assert.deepEqual(
      tagList.map(({ tag }: { tag: string }) => tag),
      NAMES,
    )
  })

  const levelOf = async (name: string) => {
    const { tagList } = (await order(house, root, { command: 'getloglevels' })).json
    return tagList.find(({ tag }: { tag: string }) => tag === name).value
  }
  const set = (...subsystems: unknown[]) => order(house, root, { command: 'SetLogLevel', subsystems })

  it('sets the level of a subsystem, which counts at once', async () => {
    const { log } = house.ctx
    const seen: Line[] = []
    const unwatch = log.watch((line) => seen.push(line))
    const said = (event: string, level: Level) => {
      seen.length = 0
      log[level](event)
      return seen.length > 0
    }
    await set({ tag: 'all', value: 'none' })
    assert.deepEqual([said('message.x', 'error'), said('key.x', 'error')], [false, false])
    assert.deepEqual((await set({ tag: 'smtpMAILER', value: 'Notice' })).json, DONE)
    assert.equal(await levelOf('SMTPMailer'), 'notice')
    assert.equal(await levelOf('Authentication'), 'none')
    assert.deepEqual(
      [said('message.x', 'info'), said('mail.x', 'debug'), said('sign-in.x', 'error')],
      [true, false, false],
    )
    await set({ tag: 'ALL', value: 'fatal' }, { tag: 'RESTAPI_ExtServer', value: 'trace' })
    assert.deepEqual(
      [said('message.x', 'error'), said('message.x', 'warn'), said('request', 'debug')],
      [true, false, true],
    )
    unwatch()
    assert.equal(said('message.x', 'error'), false)
  })

  it('passes over names it does not have, and whatever is no pair of them', async () => {
    const before = (await order(house, root, { command: 'getloglevels' })).json
    const written = (await audited('log-level.changed')).length
    const odd = [
      { tag: 'nobody', value: 'debug' },
      { tag: 'SMSSender', value: 'loud' },
      null,
      7,
      'all',
      { tag: {} },
      [],
    ]
    assert.deepEqual((await set(...odd)).json, DONE)
    assert.deepEqual((await set({ tag: 'SMSSender', value: 'constructor' })).json, DONE)
    assert.deepEqual((await order(house, root, { command: 'getloglevels' })).json, before)
    assert.equal((await audited('log-level.changed')).length, written)
    for (const subsystems of [undefined, null, {}, 'all'])
      refused(await order(house, root, { command: 'setloglevel', subsystems }), 400, 1018)
  })

  it('takes nothing for a name that is no text, however odd or deep it is', async () => {
    const levels = (await order(house, root, { command: 'getloglevels' })).json
    const deep = '['.repeat(20_000) + ']'.repeat(20_000)
    const odd = ['{"toString":1,"valueOf":1}', '{"toString":1}', '["daemon"]', '[]', '1', 'true', 'null']
    const raw = (body: string) =>
      house.call('POST', PATH, { body, headers: { ...bearer(root.token), 'Content-Type': 'application/json' } })
    for (const name of odd) {
      for (const body of [
        `{"command":"reload","subsystems":[${name}]}`,
        `{"command":"setloglevel","subsystems":[${name}]}`,
        `{"command":"setloglevel","subsystems":[{"tag":${name},"value":"debug"},{"tag":"all","value":${name}}]}`,
      ])
        assert.deepEqual((await raw(body)).json, DONE, body.slice(0, 100))
      refused(await raw(`{"command":"stats","subsystems":${name}}`), 400, 1018)
    }
    refused(await raw(`{"command":{"toString":1}}`), 400, 1003)
    // What is deeper than anybody writes is not read at all.
    for (const body of [`{"command":${deep}}`, `{"command":"reload","subsystems":[${deep}]}`])
      refused(await raw(body), 413, 413)
    assert.deepEqual((await order(house, root, { command: 'getloglevels' })).json, levels)
  })

  it('is turned by root and administrators only, and that is recorded', async () => {
    const admin = await newPerson(house, root, { role: 'admin' })
    const wish = { command: 'setloglevel', subsystems: [{ tag: 'KafkaManager', value: 'debug' }] }
    for (const role of ['csr', 'partner', 'noc', 'system']) {
      const other = await newPerson(house, root, { role })
      denied(await order(house, other, wish), 7)
      denied(await order(house, other, { command: 'reload', subsystems: ['daemon'] }), 7)
    }
    assert.notEqual(await levelOf('KafkaManager'), 'debug')
    assert.deepEqual((await order(house, admin, wish)).json, DONE)
    assert.equal(await levelOf('KafkaManager'), 'debug')
    const own = (await audited('log-level.changed')).filter(({ actor }) => actor === admin.id)
    assert.deepEqual(own, [{ actor: admin.id, detail: { KafkaManager: 'debug' } }])
  })

  it('reads its templates again when it is told to', async () => {
    const subjectNow = async () => {
      await house.call('POST', '/api/v1/oauth2?forgotPassword=true', { json: { userId: csr.email } })
      return (await house.inbox.next(csr.email)).subject
    }
    assert.equal(await subjectNow(), 'The old words')
    writeFileSync(join(templates, 'password_reset.txt'), 'Subject: The new words\n\nSome words.\n')
    assert.equal(await subjectNow(), 'The old words')
    for (const subsystems of [['nobody'], [], [null]])
      assert.deepEqual((await order(house, root, { command: 'reload', subsystems })).json, DONE)
    assert.deepEqual(await audited('house.reloaded'), [])
    assert.deepEqual(
      (await order(house, root, { command: 'Reload', subsystems: ['smtpmailer', 'SMSSender'] })).json,
      DONE,
    )
    assert.equal(await subjectNow(), 'The new words')
    house.clock.turn(1)
    assert.deepEqual((await order(house, root, { command: 'reload' })).json, DONE)
    assert.deepEqual(await audited('house.reloaded'), [
      { actor: root.id, detail: { parts: 'templates' } },
      { actor: root.id, detail: { parts: 'certificate templates' } },
    ])
  })
})

describe('OpenWiFi: a server with TLS', () => {
  let house: House
  let folder: string
  let call: Call
  const made = Date.now()
  let root: Person

  async function putCertificate(days: number): Promise<string> {
    const { key, cert } = await selfSignedCertificate({ names: ['127.0.0.1'], now: made, days })
    writeFileSync(join(folder, 'key.pem'), key)
    writeFileSync(join(folder, 'cert.pem'), cert)
    return new X509Certificate(cert).fingerprint256
  }

  const shownAt = (url: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const { hostname, port } = new URL(url)
      const socket: TLSSocket = connect({ host: hostname, port: Number(port), rejectUnauthorized: false }, () => {
        resolve(socket.getPeerX509Certificate()?.fingerprint256 ?? '')
        socket.destroy()
      }).on('error', reject)
    })

  const overTls: Call = (method, path, { json, headers = {} } = {}) =>
    new Promise((resolve, reject) => {
      const body = json === undefined ? undefined : JSON.stringify(json)
      const type = body ? { 'Content-Type': 'application/json' } : {}
      const options = { method, headers: { ...type, ...headers }, rejectUnauthorized: false }
      request(house.url + path, options, async (response: IncomingMessage) => {
        const bytes = Buffer.concat(await response.toArray())
        const text = bytes.toString()
        resolve({ status: response.statusCode, text, bytes, json: text && JSON.parse(text) } as unknown as Reply)
      })
        .on('error', reject)
        .end(body)
    })

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'chatelaine-tls-'))
    await putCertificate(10)
    const settings = { CHATELAINE_TLS: folder, CHATELAINE_INTERNAL_LISTEN: '127.0.0.1:0', CHATELAINE_LOG_LEVEL: 'info' }
    house = await startHouse({ settings })
    call = overTls
    root = await asRoot({ ...house, call } as House)
  })
  after(async () => {
    await house.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const certificates = async () => (await ask({ call }, root, 'info')).json.certificates
  const reloaded = async (subsystems: string[]) => {
    const lines: string[] = []
    const unwatch = house.ctx.log.watch(({ event }) => lines.push(event))
    assert.deepEqual((await order({ call }, root, { command: 'reload', subsystems })).json, DONE)
    for (let waited = 0; waited < 3000 && lines.length === 0; waited += 10)
      await new Promise((resolve) => setTimeout(resolve, 10))
    unwatch()
    return lines
  }

  it('shows a new certificate after a reload, and cuts nobody off', async () => {
    const old = await shownAt(house.url)
    const [{ expiresOn }] = await certificates()
    const kept: TLSSocket = connect({
      host: '127.0.0.1',
      port: Number(new URL(house.url).port),
      rejectUnauthorized: false,
    })
    await new Promise((resolve) => kept.once('secureConnect', resolve))
    const next = await putCertificate(20)
    assert.equal(await shownAt(house.url), old)
    assert.deepEqual(await reloaded(['RESTAPI_ExtServer']), ['certificate.renewed'])
    assert.equal(await shownAt(house.url), next)
    const [shown, ...more] = await certificates()
    assert.deepEqual([shown.filename, more.length, shown.expiresOn - expiresOn], ['cert.pem', 0, 10 * 86_400])
    kept.write('GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    assert.match(Buffer.concat(await kept.toArray()).toString(), /^HTTP\/1\.1 200 /)
  })

  it('keeps the certificate it has when the new one cannot be used', async () => {
    const old = await shownAt(house.url)
    const key = readFileSync(join(folder, 'key.pem'))
    const before = await certificates()
    const spoil: (() => unknown)[] = [
      () => writeFileSync(join(folder, 'cert.pem'), 'no certificate'),
      () => rmSync(join(folder, 'cert.pem')),
      // Certificate and key that belong to two different pairs.
      () => putCertificate(30).then(() => writeFileSync(join(folder, 'key.pem'), key)),
    ]
    for (const act of spoil) {
      await act()
      assert.deepEqual(await reloaded(['daemon']), ['certificate.unusable'])
      assert.equal(await shownAt(house.url), old)
    }
    assert.deepEqual(await certificates(), before)
  })
})
