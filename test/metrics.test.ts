import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { freePort } from '../demo/server-process.ts'
import { takeMeasures } from '../src/domain/house/house.ts'
import { compose } from '../src/domain/messages/messages.ts'
import { minutes } from '../src/lib/clock.ts'
import { type House, onEveryEngine, startHouse } from '../src/testing.ts'

const run = promisify(execFile)
const docs = fileURLToPath(new URL('../docs', import.meta.url))
const textOf = (path: string): string => readFileSync(`${docs}/${path}`, 'utf8')
const alerts = textOf('grafana/alerts.yml')

interface Panel {
  type: string
  title: string
  description?: string
  fieldConfig?: { defaults: { unit: string } }
  targets?: { expr: string }[]
}
interface Dashboard {
  schemaVersion: number
  templating: { list: { name: string; type: string }[] }
  panels: (Panel & { id: number; gridPos: Record<string, number> })[]
}
const dashboard = JSON.parse(textOf('grafana/chatelaine.json')) as Dashboard

/** Everything in an expression that is the name of a metric, and not a word of the language or a label. */
const namesIn = (expression: string): string[] =>
  expression.match(/\b(chatelaine|process|nodejs)_\w+/g)?.map((name) => name) ?? []

/** A house with a metrics listener, and what is read there. */
async function measured(
  options: Parameters<typeof startHouse>[0],
  work: (house: House, read: () => Promise<string>) => Promise<void>,
) {
  const port = await freePort()
  const settings = { ...options?.settings, CHATELAINE_METRICS_LISTEN: `127.0.0.1:${port}` }
  const house = await startHouse({ ...options, settings })
  try {
    await work(house, async () => (await fetch(`http://127.0.0.1:${port}/metrics`)).text())
  } finally {
    await house.stop()
  }
}

/** The value of a metric with such labels; undefined when it is not there. */
function figureOf(text: string, name: string, labels: Record<string, string> = {}): number | undefined {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  const line = text
    .split('\n')
    .find((line) => /^\w+/.exec(line)?.[0] === name && wanted.every((label) => line.includes(label)))
  return line === undefined ? undefined : Number(line.split(' ').at(-1))
}

onEveryEngine('metrics', (engine) => {
  it('count what happens, name nobody, and have all that the dashboard and the alerts look at', () =>
    measured({ engine, settings: { CHATELAINE_TLS: 'off' } }, async (house, read) => {
      const credentials = { userId: house.rootEmail, password: house.rootPassword }
      const { json } = await house.call('POST', '/api/v1/oauth2', {
        json: { ...credentials, newPassword: 'New-Password-7' },
      })
      await house.call('POST', '/api/v1/oauth2', { json: { ...credentials, password: 'Wrong-Password-1' } })
      const headers = { Authorization: `Bearer ${json.access_token}` }
      for (let count = 0; count < 3; count++)
        assert.equal(
          (await house.call('GET', `/api/v1/validateToken?token=${json.access_token}`, { headers })).status,
          200,
        )
      await takeMeasures(house.ctx)
      const text = await read()
      const told = new Set([...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name))
      const isTold = (name: string) => told.has(name) || told.has(name.replace(/_(bucket|count|sum)$/, ''))
      const expressions = [
        ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
        ...[...alerts.matchAll(/^ +expr: (.*)$/gm)].map(([, expression = '']) => expression),
      ]
      const wanted = new Set(expressions.flatMap(namesIn))
      assert.ok(wanted.size > 30)
      assert.deepEqual(
        [...wanted].filter((name) => !isTold(name)),
        [],
      )
      // What is measured is shown: nothing of ours is left out of the dashboard and the alerts.
      const seldom = /job_(runs_total|last_seconds)|validation_cache_bytes|(messages|deliveries)_queued/
      const shown = (name: string) => [...wanted].some((one) => one.replace(/_(bucket|count)$/, '') === name)
      assert.deepEqual(
        [...told].filter((name) => name?.startsWith('chatelaine_') && !seldom.test(name) && !shown(name)),
        [],
      )

      assert.equal(figureOf(text, 'chatelaine_sign_ins_total', { protocol: 'openwifi', outcome: 'done' }), 1)
      assert.equal(figureOf(text, 'chatelaine_sign_ins_total', { protocol: 'openwifi', outcome: 'failed' }), 1)
      assert.equal(figureOf(text, 'chatelaine_refusals_total', { reason: 'credentials.invalid' }), 1)
      assert.equal(figureOf(text, 'chatelaine_database_reachable'), 1)
      assert.equal(figureOf(text, 'chatelaine_build_info', { engine }), 1)
      assert.ok(figureOf(text, 'chatelaine_password_hash_seconds_count', { operation: 'verify' })! >= 2)
      for (const statement of ['select', 'insert', 'update', 'transaction'])
        assert.ok(figureOf(text, 'chatelaine_database_seconds_count', { statement })! > 0, statement)
      if (engine === 'sqlite') {
        assert.equal(figureOf(text, 'chatelaine_requests_direct_total', { of: 'validation' }), 2)
        assert.equal(figureOf(text, 'chatelaine_validation_cache_hits_total'), 2)
        assert.ok(figureOf(text, 'chatelaine_sqlite_file_bytes')! > 0)
      } else assert.ok(figureOf(text, 'chatelaine_postgres_connections')! > 0)
      for (const secret of [house.rootEmail, json.access_token, '127.0.0.1', house.rootPassword])
        assert.ok(!text.includes(secret), `${secret} is in the metrics`)
    }))

  it('tell how old what waits is, by channel', () =>
    measured({ engine, settings: { CHATELAINE_SMTP_URL: '' } }, async (house, read) => {
      const letter = { subject: 'Waiting', text: 'Words' }
      await compose(house.ctx, { channel: 'mail', to: 'somebody@example.org', letter })
      house.clock.turn(minutes(20))
      const text = await read()
      assert.equal(figureOf(text, 'chatelaine_outbox_queued', { channel: 'mail' }), 1)
      assert.equal(figureOf(text, 'chatelaine_outbox_age_seconds', { channel: 'mail' }), 1200)
      assert.equal(figureOf(text, 'chatelaine_outbox_late_seconds', { channel: 'mail' }), 1200)
      assert.equal(figureOf(text, 'chatelaine_outbox_age_seconds', { channel: 'sms' }), 0)
      assert.equal(figureOf(text, 'chatelaine_messages_queued'), 1)
      assert.ok(!text.includes('somebody'))
    }))
})

describe('what is shipped for Grafana and Prometheus', () => {
  it('is a dashboard that says what each panel is for', () => {
    assert.ok(dashboard.schemaVersion >= 36)
    assert.ok(dashboard.templating.list.some(({ type, name }) => type === 'datasource' && name === 'datasource'))
    const ids = dashboard.panels.map(({ id }) => id)
    assert.equal(new Set(ids).size, ids.length)
    for (const { type, title, description, fieldConfig, targets } of dashboard.panels) {
      if (type === 'row') continue
      assert.ok(description && description.length > 20, `${title} has no description`)
      assert.ok(fieldConfig?.defaults.unit && targets?.length, title)
    }
  })

  it('has alerts each of which is explained', () => {
    const headings = new Set(
      [...textOf('watching.md').matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title.toLowerCase()),
    )
    const names = [...alerts.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name)
    assert.ok(names.length > 15)
    for (const part of ['for', 'severity', 'summary', 'description', 'runbook_url'])
      assert.equal([...alerts.matchAll(new RegExp(`^ +${part}: \\S`, 'gm'))].length, names.length, part)
    for (const name of names) {
      assert.ok(headings.has(name.toLowerCase()), `${name} is not in watching.md`)
      assert.ok(alerts.includes(`runbook_url: docs/watching.md#${name.toLowerCase()}\n`), name)
    }
  })

  it('has rules that Prometheus takes', async (test) => {
    try {
      await run('promtool', ['check', 'rules', `${docs}/grafana/alerts.yml`])
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      test.skip('promtool is not installed')
    }
  })
})
