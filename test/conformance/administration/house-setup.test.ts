import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { it } from 'node:test'
import { findByAddress } from '#src/domain/accounts/accounts.ts'
import { setupOf as setupOfHouse } from '#src/domain/house/house.ts'
import { compose } from '#src/domain/messages/messages.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { until } from '../../next-hop.ts'
import { type Client, empty, refused } from '../mailbox/client.ts'
import { signedInAs } from './operators.ts'

interface Item {
  code: string
  state: 'ok' | 'advice' | 'missing'
  settings: string[]
  facts: Record<string, string | number | boolean | null>
}

onEveryEngine('administration: what is set up', (engine) => {
  const withHouse = async (settings: Record<string, string>, walk: (house: House, root: Client) => Promise<void>) => {
    const house = await startHouse({ engine, settings })
    try {
      await walk(house, await signedInAs(house, 'root'))
    } finally {
      await house.stop()
    }
  }
  const setupOf = async (root: Client): Promise<Map<string, Item>> => {
    const reply = await root.call('GET', '/admin/setup')
    assert.equal(reply.status, 200, reply.text)
    return new Map((reply.json.items as Item[]).map((item) => [item.code, item]))
  }
  const statesOf = async (root: Client) =>
    Object.fromEntries([...(await setupOf(root))].map(([code, { state }]) => [code, state]))

  it('names what a new house lacks', () =>
    withHouse({ CHATELAINE_SMTP_URL: '' }, async (_house, root) => {
      assert.deepEqual(await statesOf(root), {
        mail: 'missing',
        'mail-sender': 'advice',
        sms: 'advice',
        gateway: 'ok',
        guests: 'advice',
        'public-url': 'missing',
        tls: 'missing',
        'trusted-proxies': 'ok',
        backup: 'missing',
        'key-file': 'missing',
        database: 'ok',
        metrics: 'advice',
      })
    }))

  it('is content with a house that has all, and says nothing secret', () =>
    withHouse(
      {
        CHATELAINE_SMTP_URL: 'smtp://house:smtp-secret@127.0.0.1:9',
        CHATELAINE_MAIL_FROM: 'The house <house@example.org>',
        CHATELAINE_PUBLIC_URL: 'https://mail.example.org',
        CHATELAINE_TRUSTED_PROXIES: '127.0.0.1',
        CHATELAINE_METRICS_LISTEN: '127.0.0.1:0',
        CHATELAINE_SMS_URL: 'https://sms.example.org/?key=sms-secret',
        CHATELAINE_SMS_TOKEN: 'sms-token',
      },
      async (house, root) => {
        for (const what of ['database', 'key-file'])
          empty(await root.call('POST', '/admin/backups', { json: { of: what } }))
        assert.deepEqual(new Set(Object.values(await statesOf(root))), new Set(['ok']))
        const { backup, tls } = Object.fromEntries(await setupOf(root))
        assert.equal(backup!.facts.lastDone, house.clock.now())
        assert.equal(tls!.facts.how, 'proxy')
        assert.doesNotMatch((await root.call('GET', '/admin/setup')).text, /-secret|sms-token/)
        house.clock.turn(9 * 86_400_000)
        const later = await signedInAs(house, 'root')
        assert.equal((await statesOf(later)).backup, 'advice')
        assert.equal((await statesOf(later))['key-file'], 'ok')
      },
    ))

  it('tells of mail that does not arrive, in the words of the mail server', () =>
    withHouse({ CHATELAINE_SMTP_URL: 'smtp://127.0.0.1:9' }, async (house, root) => {
      await compose(house.ctx, { channel: 'mail', to: 'ann@example.org', letter: { subject: 'x', text: 'x' } })
      await until('it was tried', async () => (await statesOf(root)).mail === 'advice')
      const mail = (await setupOf(root)).get('mail')!
      assert.match(String(mail.facts.lastWords), /ECONNREFUSED/)
      assert.equal(mail.facts.lastSent, null)
    }))

  it('tells root only where things lie on the machine', () =>
    withHouse({}, async (house, root) => {
      assert.equal((await setupOf(root)).get('backup')!.facts.folder, resolve(house.ctx.config.data))
      const reply = await (await signedInAs(house, 'admin')).call('GET', '/admin/setup')
      assert.equal(reply.status, 200)
      assert.ok(!reply.text.includes(resolve(house.ctx.config.data)))
    }))

  it('wants proxies to be named', () =>
    withHouse({ CHATELAINE_PUBLIC_URL: 'https://mail.example.org' }, async (_house, root) => {
      assert.equal((await statesOf(root))['trusted-proxies'], 'missing')
      assert.equal((await statesOf(root)).tls, 'ok')
    }))

  it('wants certificates that others trust, and that have not expired', async () => {
    const house = await startHouse({ engine, settings: { CHATELAINE_TLS: 'self-signed' } })
    try {
      const caller = (await findByAddress(house.ctx, house.rootEmail))!
      const tls = async () => (await setupOfHouse(house.ctx, caller)).find(({ code }) => code === 'tls')!
      const { state, facts } = await tls()
      assert.deepEqual([state, facts.how], ['advice', 'self-signed'])
      assert.ok(Number(facts.expires) > house.clock.now())
      house.clock.turn(Number(facts.expires) - house.clock.now())
      assert.equal((await tls()).state, 'missing')
    } finally {
      await house.stop()
    }
  })

  it('knows no other backups', () =>
    withHouse({}, async (_house, root) => {
      for (const json of [{}, { of: 'nothing' }, { of: 'database', at: 1 }, [], 'database'])
        refused(await root.call('POST', '/admin/backups', { json }), 400, 'BAD_PARAMETER')
    }))

  it('measures itself, for those who have not seen it yet', () =>
    withHouse({}, async (house, root) => {
      const read = async (after = 0) => (await root.call('GET', `/admin/measures?after=${after}`)).json
      await root.call('GET', '/admin/record?limit=0')
      await until('there is a sample', async () => (await read()).samples.length > 0)
      const { samples, version, database } = await read()
      const [first] = samples
      assert.deepEqual([first.seq, typeof version, database], [1, 'string', engine])
      assert.equal(first.signIns.done, 1)
      assert.equal(first.refusals['input.invalid'], 1)
      assert.ok(first.requests >= 3 && first.latency.median > 0 && first.latency.p99 >= first.latency.median)
      assert.ok(first.memory.resident > 1e7)
      assert.deepEqual([first.queues.messages, first.queues.deliveries], [0, 0])
      assert.deepEqual((await read(samples.at(-1).seq)).samples.length, 0)
      // From a process before this one.
      assert.equal((await read(99_999)).samples.length, (await read()).samples.length)
      refused(await root.call('GET', '/admin/measures?after=-1'), 400, 'BAD_PARAMETER')
      assert.ok(house.ctx.house.measures.after(0).length <= 180)
    }))
})
