import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import type { CallOptions, House } from '#src/testing.ts'
import { onEveryEngine, startHouse } from '#src/testing.ts'
import { asRoot, bearer, type Person } from '../openwifi/people.ts'
import {
  type Client,
  empty,
  makeAccount,
  makeTwoStepAccount,
  PASSWORD,
  plain,
  refused,
  SECURITY,
  signIn,
} from './client.ts'

const ACTIVITY = `${SECURITY}/activity`

interface Item {
  id: string
  date: string
  event: string
  protocol: string
  address: string
  byOwner: boolean
  detail: Record<string, unknown>
}

onEveryEngine('mailbox: what happened to an account', (engine) => {
  let house: House
  let root: Person
  before(async () => {
    house = await startHouse({ engine })
    root = await asRoot(house)
  })
  after(() => house.stop())

  const read = async ({ call }: Client, query = ''): Promise<{ items: Item[]; next: string }> => {
    const reply = await call('GET', ACTIVITY + query)
    assert.equal(reply.status, 200, reply.text)
    assert.deepEqual(Object.keys(reply.json), ['items', 'next'])
    return reply.json
  }
  const events = async (client: Client): Promise<string[]> => (await read(client)).items.map(({ event }) => event)

  it('a password that had to be changed is not called a second step', async () => {
    const { email } = await makeAccount(house, { mustChangePassword: true })
    const due = await signIn(house, email)
    empty(await due.call('POST', '/account/password/set', { json: { newPassword: 'Quiet-Harbour-27' } }))
    const { items } = await read(await signIn(house, email, 'Quiet-Harbour-27'))
    const challenged = items.filter(({ event }) => event === 'sign-in.challenged')
    assert.deepEqual(
      challenged.map(({ detail }) => detail),
      [{ needs: 'new password' }],
    )
  })

  it('is told newest first, with when, how and from where', async () => {
    const { email } = await makeAccount(house)
    house.clock.turn(1000)
    const json = { username: email, password: 'Wrong-Horse-9' }
    refused(await plain(house, 'POST', '/login/cookie', { json }), 401, 'AUTH_FAILED')
    house.clock.turn(1000)
    const client = await signIn(house, email)
    const at = Math.floor(house.clock.now() / 1000)
    const { items, next } = await read(client)
    assert.equal(next, '')
    assert.deepEqual(
      items.map(({ id: _id, ...rest }) => rest),
      [
        { date: `${at}`, event: 'sign-in.done', protocol: 'mailbox', address: '127.0.0.1', byOwner: true, detail: {} },
        {
          date: `${at - 1}`,
          event: 'sign-in.failed',
          protocol: 'mailbox',
          address: '127.0.0.1',
          byOwner: false,
          detail: {},
        },
        // Who made it, and from where, is not the owner's business.
        { date: `${at - 2}`, event: 'account.created', protocol: 'test', address: '', byOwner: false, detail: {} },
      ],
    )
    assert.equal(new Set(items.map(({ id }) => id)).size, 3)
  })

  it('has every change of the factors, with its kind', async () => {
    const { client, app } = await makeTwoStepAccount(house)
    house.clock.turn(1000)
    const json = { methodId: app.id, totpToken: app.next() }
    empty(await client.secure('DELETE', `${SECURITY}/2fa`, { json }))
    client.renew()
    house.clock.turn(1000)
    empty(await client.secure('DELETE', `${SECURITY}/methods`))
    const told = (await read(client)).items.filter(({ event }) => /^(factor|two-step)\./.test(event))
    assert.deepEqual(
      told.map(({ event, detail, byOwner }) => [event, detail, byOwner]),
      [
        ['factor.revoked', { kind: 'all' }, true],
        ['two-step.off', {}, true],
        ['two-step.on', { kind: 'authApp' }, true],
        ['factor.activated', { kind: 'authApp' }, true],
      ],
    )
  })

  it('names no administrator, and nobody else', async () => {
    const { id, email } = await makeAccount(house)
    const client = await signIn(house, email)
    house.clock.turn(1000)
    const json = { currentPassword: 'Given-By-Root-99', description: 'changed' }
    const changed = await house.call('PUT', `/api/v1/user/${id}`, { json, headers: bearer(root.token) })
    assert.equal(changed.status, 200, changed.text)
    assert.equal((await client.call('GET', ACTIVITY)).status, 401)
    const again = await signIn(house, email, 'Given-By-Root-99')
    const { items } = await read(again)
    const foreign = items.filter(({ event }) => ['password.changed', 'account.changed'].includes(event))
    assert.deepEqual(foreign.map(({ event, address, byOwner }) => [event, address, byOwner]).sort(), [
      ['account.changed', '', false],
      ['password.changed', '', false],
    ])
    const text = JSON.stringify(items)
    for (const secret of [root.id, root.email, 'Given-By-Root']) assert.ok(!text.includes(secret), secret)
  })

  it('tells plain facts only, and of the own account only', async () => {
    const { id, email } = await makeAccount(house)
    const client = await signIn(house, email)
    const stranger = await makeAccount(house)
    const row = { at: house.clock.now() + 1, actor_id: null, protocol: 'test', network: '192.0.2.9' }
    const detail = JSON.stringify({ name: 'Kitchen', scope: `account:${stranger.id}`, secret: 'needle' })
    await house.ctx.db
      .insertInto('audit')
      .values([
        { ...row, id: 'one', account_id: id, event: 'device.trusted', detail },
        { ...row, id: 'two', account_id: stranger.id, event: 'device.trusted', detail },
        { ...row, id: 'three', account_id: id, event: 'sign-in.refreshed', detail },
        { ...row, id: 'four', account_id: null, event: 'sign-in.failed', detail },
        { ...row, id: 'five', account_id: id, event: 'of-another-version', detail },
      ])
      .execute()
    const { items } = await read(client)
    assert.deepEqual(
      items.filter(({ address }) => address === '192.0.2.9').map((one) => [one.id, one.detail]),
      [['one', { name: 'Kitchen' }]],
    )
  })

  it('comes in pages that stay where they are', async () => {
    const { id, email } = await makeAccount(house)
    const client = await signIn(house, email)
    // Many at the same instant: only their ids tell them apart.
    const rows = Array.from({ length: 25 }, (_, n) => ({
      id: `${String((n * 7) % 25).padStart(2, '0')}-${email.replace(/\W/g, '')}`,
      at: house.clock.now() + 1 + Math.floor(n / 10),
      event: 'sign-in.failed',
      account_id: id,
      actor_id: null,
      protocol: 'test',
      network: '192.0.2.9',
      detail: '{}',
    }))
    await house.ctx.db.insertInto('audit').values(rows).execute()
    const whole = (await read(client)).items.map((one) => one.id)
    assert.equal(whole.length, 27)
    house.clock.turn(1000)
    const paged: string[] = []
    let before = ''
    do {
      const { items, next } = await read(client, `?limit=4${before && `&before=${before}`}`)
      assert.ok(items.length > 0 && items.length <= 4)
      paged.push(...items.map((one) => one.id))
      before = next
      // What happens meanwhile moves nothing.
      await plain(house, 'POST', '/login/cookie', { json: { username: email, password: 'Wrong-Horse-9' } })
    } while (before !== '' && paged.length < 60)
    assert.deepEqual(paged, whole)
    const exact = await read(client, `?limit=${(await read(client, '?limit=100')).items.length}`)
    assert.equal(exact.next, '')
  })

  it('fifty of them, if nobody says how many', async () => {
    const { id, email } = await makeAccount(house)
    const client = await signIn(house, email)
    const rows = Array.from({ length: 120 }, (_, n) => ({
      id: `many-${n}-${email.replace(/\W/g, '')}`,
      at: house.clock.now() + n,
      event: 'sign-in.failed',
      account_id: id,
      actor_id: null,
      protocol: 'test',
      network: '192.0.2.9',
      detail: '{}',
    }))
    await house.ctx.db.insertInto('audit').values(rows).execute()
    const counted = async (query: string) => (await read(client, query)).items.length
    assert.deepEqual(await Promise.all(['', '?limit=1', '?limit=100'].map(counted)), [50, 1, 100])
  })

  it('takes no other question', async () => {
    const client = await signIn(house, (await makeAccount(house)).email)
    const cursor = (text: string | Uint8Array) => `?before=${Buffer.from(text).toString('base64url')}`
    const wrong = [
      ...['?limit=0', '?limit=101', '?limit=-1', '?limit=1.5', '?limit=0x10', '?limit=', '?limit=%201', '?limit=١'],
      ...['?before=', '?before=x', '?account=x', `?before=${'A'.repeat(201)}`, '?limit=1&limit=2', '?before=%00'],
      ...["1 ' or 1=1 --", '1', '1 ', 'x y', '1 a b', '9999999999999999 a', '-1 a', `1 ${'a'.repeat(65)}`].map(cursor),
      cursor(new Uint8Array([0x31, 0x20, 0x00])),
    ]
    for (const query of wrong) refused(await client.call('GET', ACTIVITY + query), 400, 'BAD_PARAMETER')
    // Another's place is a place like any other: one's own events are all that it gives.
    assert.equal((await read(client, cursor('999999999999999 zzz'))).items.length, 2)
    assert.deepEqual(await read(client, cursor('0 zzz')), { items: [], next: '' })
  })

  it('is for a full session', async () => {
    const { account } = await makeTwoStepAccount(house)
    const partial = await signIn(house, account.email)
    refused(await partial.call('GET', ACTIVITY), 403, 'TWO_FACTOR_REQUIRED')
    refused(await plain(house, 'GET', ACTIVITY), 401, 'AUTH_REQUIRED')
    const options: CallOptions = { json: {} }
    refused(await partial.call('POST', ACTIVITY, options), 405, 'METHOD_NOT_ALLOWED')
    const { call } = await signIn(house, (await makeAccount(house)).email, PASSWORD)
    assert.equal((await call('GET', ACTIVITY)).status, 200)
    assert.ok((await events(await signIn(house, (await makeAccount(house)).email))).includes('sign-in.done'))
  })
})
