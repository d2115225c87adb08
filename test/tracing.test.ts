import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { jsonLog } from '../src/lib/log.ts'
import { noTracing, openTracing } from '../src/lib/tracing.ts'
import { type House, type HouseOptions, onEveryEngine, startHouse } from '../src/testing.ts'
import { openCollector, plain } from './collector.ts'
import { until } from './next-hop.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'
const SERVER = 2
const CLIENT = 3
const traceparent = `00-${TRACE}-${PARENT}-01`

/** What a house has sent by the time it has stopped. */
async function tracesOf(options: HouseOptions, work: (house: House) => Promise<void>) {
  const collector = await openCollector()
  const house = await startHouse({
    ...options,
    settings: { ...options.settings, CHATELAINE_OTEL_ENDPOINT: collector.url },
  })
  try {
    await work(house)
  } finally {
    await house.stop()
    await collector.close()
  }
  return collector
}

onEveryEngine('traces', (engine) => {
  it('follow a sign-in, with what it is made of and nothing of whom it is for', async () => {
    const secrets = ['New-Password-7', 'Wrong-Password-1', 'root@example.org', 'secret-query', 'hush', '127.0.0.1']
    const collector = await tracesOf({ engine }, async (house) => {
      const { status, json } = await house.call('POST', '/api/v1/oauth2?secret-query=hush', {
        json: { userId: house.rootEmail, password: house.rootPassword, newPassword: 'New-Password-7' },
        headers: { 'X-Request-Id': 'from-the-proxy-1', traceparent },
      })
      assert.equal(status, 200)
      secrets.push(house.rootPassword, json.access_token, json.refresh_token)
      await house.call('GET', `/api/v1/validateToken?token=${json.access_token}`, {
        headers: { Authorization: `Bearer ${json.access_token}` },
      })
      await house.call('POST', '/api/v1/oauth2', { json: { userId: house.rootEmail, password: 'Wrong-Password-1' } })
    })
    const asked = collector.spans.filter(({ name }) => name === 'POST /oauth2')
    const [signIn, refused] = asked
    assert.ok(signIn && refused && asked.length === 2)
    assert.deepEqual(plain(signIn.attributes), {
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'http.route': '/oauth2',
      'chatelaine.protocol': 'openwifi',
      'chatelaine.request_id': 'from-the-proxy-1',
    })
    // A stranger does not say which trace his request is part of.
    assert.notEqual(signIn.traceId, TRACE)
    assert.equal(signIn.kind, SERVER)
    assert.equal(plain(refused.attributes)['chatelaine.refusal'], 'credentials.invalid')
    const children = collector.childrenOf(signIn)
    const names = children.map(({ name }) => name)
    assert.ok(names.includes('argon2 verify') && names.includes('transaction'), names.join(', '))
    const insert = children.find(({ name }) => name === 'insert session')!
    assert.deepEqual(plain(insert.attributes), {
      'db.system.name': engine === 'sqlite' ? 'sqlite' : 'postgresql',
      'db.operation.name': 'insert',
      'db.collection.name': 'session',
    })
    assert.equal(plain(collector.resources[0]!)['service.name'], 'chatelaine')
    for (const secret of secrets) assert.ok(!collector.text().includes(secret), `${secret} is in a trace`)
  })

  it('join the trace of a proxy that is trusted, and leave out what nobody wants to keep', async () => {
    const collector = await tracesOf(
      { engine, settings: { CHATELAINE_TRUSTED_PROXIES: '127.0.0.1' } },
      async (house) => {
        for (const brought of [traceparent, traceparent.replace(/01$/, '00'), 'nonsense'])
          await house.call('GET', '/readyz', { headers: { traceparent: brought } })
      },
    )
    const spans = collector.spans.filter(({ name }) => name === 'GET /readyz')
    assert.equal(spans.length, 2)
    const joined = spans.filter(({ traceId }) => traceId === TRACE).map(({ parentSpanId }) => parentSpanId)
    assert.deepEqual(joined, [PARENT])
  })

  it('follow a job that did something, and what it asked of others', async () => {
    const collector = await tracesOf({ engine }, async (house) => {
      await house.call('POST', '/api/v1/oauth2?forgotPassword=true', { json: { userId: house.rootEmail } })
      await until('a mail is there', () => house.inbox.received.length > 0)
    })
    const job = collector.spans.find(({ name }) => name === 'job deliver by mail')!
    assert.equal(job.parentSpanId ?? '', '')
    assert.ok(collector.childrenOf(job).some(({ name, kind }) => name === 'send mail' && kind === CLIENT))
    // It ran, too, and had nothing to do.
    assert.ok(!collector.spans.some(({ name }) => name === 'job carry deliveries'))
    assert.ok(!collector.text().includes('example.org'))
  })
})

describe('tracing', () => {
  const said: string[] = []
  const log = jsonLog(
    'info',
    () => 0,
    (line) => said.push(line),
  )
  const options = { database: 'sqlite', instance: 'this-one', log } as const

  it('is nothing at all where no collector is named', async () => {
    const endpoint = 'http://127.0.0.1:1'
    const none = { ...options, endpoint: null }
    assert.equal(await openTracing({ ...none, environment: {} }), noTracing)
    assert.equal(await openTracing({ ...options, endpoint, environment: { OTEL_SDK_DISABLED: 'true' } }), noTracing)
    assert.equal(await openTracing({ ...options, endpoint, environment: { OTEL_TRACES_EXPORTER: 'none' } }), noTracing)
  })

  it('goes on without a collector that is away, counts what is lost and says so once', async () => {
    // Read by the exporter itself; nobody else in this process has one now.
    process.env.OTEL_EXPORTER_OTLP_TIMEOUT = '100'
    const tracing = await openTracing({ ...options, endpoint: 'http://127.0.0.1:1', environment: {} })
    for (let count = 0; count < 5000; count++) await tracing.request(null, async () => {})
    assert.ok(tracing.load()!.waiting <= 2048)
    await tracing.close()
    delete process.env.OTEL_EXPORTER_OTLP_TIMEOUT
    assert.deepEqual(tracing.load(), { sent: 0, waiting: 0, dropped: 5000 })
    assert.equal(said.filter((line) => line.includes('tracing.lost')).length, 1)
  })

  it('keeps as many as its sampler says', async () => {
    const collector = await openCollector()
    const environment = { OTEL_TRACES_SAMPLER: 'parentbased_always_off' }
    const tracing = await openTracing({ ...options, endpoint: collector.url, environment })
    await tracing.request(null, async () => {})
    const headers = new Headers({ traceparent })
    const sent = await tracing.request(headers, () =>
      tracing.outgoing('call a sibling', {}, async (span) => span.headers),
    )
    await tracing.close()
    assert.deepEqual(collector.spans.map(({ name }) => name).toSorted(), ['call a sibling', 'request'])
    const call = collector.spans.find(({ name }) => name === 'call a sibling')!
    assert.equal(sent.traceparent, `00-${TRACE}-${call.spanId}-01`)
    await assert.rejects(
      openTracing({ ...options, endpoint: collector.url, environment: { OTEL_TRACES_SAMPLER: 'x' } }),
    )
    await collector.close()
  })
})
