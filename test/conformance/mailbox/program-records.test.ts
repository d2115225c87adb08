import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { bearer, signedIn } from '../openwifi/people.ts'
import { makeAccount, PASSWORD, plain, SECURITY, signIn } from './client.ts'

const DAY = 86_400_000

onEveryEngine('mailbox: what is on record of programs', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine, settings: { CHATELAINE_TRUSTED_PROXIES: '127.0.0.1' } })
  })
  after(() => house.stop())

  /** Signs a program in some times, from an address. */
  async function open(headers: Record<string, string>, times: number, address: string): Promise<void> {
    for (let i = 0; i < times; i++) {
      const from = { 'X-Forwarded-For': address, ...headers }
      const reply = await plain(house, 'POST', '/login', { headers: from })
      assert.equal(reply.status, 200, reply.text)
    }
  }

  async function recorded(id: string, by: string): Promise<string[]> {
    const rows = await house.ctx.db
      .selectFrom('audit')
      .select(['network', 'detail'])
      .where('account_id', '=', id)
      .where('event', '=', 'sign-in.done')
      .where('protocol', '=', 'mailbox')
      .orderBy('at')
      .execute()
    return rows.filter(({ detail }) => JSON.parse(detail).by === by).map(({ network }) => network)
  }

  it('is an access token’s sign-in once a day and network, also beside its owner’s own', async () => {
    const { id, email } = await makeAccount(house)
    await signIn(house, email)
    const headers = bearer((await signedIn(house, email, PASSWORD)).token)
    await open(headers, 3, '192.0.2.1')
    await open(headers, 2, '192.0.2.2')
    await open(bearer((await signedIn(house, email, PASSWORD)).token), 1, '192.0.2.1')
    assert.deepEqual((await recorded(id, 'access-token')).sort(), ['192.0.2.1', '192.0.2.2'])
    house.clock.turn(DAY + 1)
    await open(bearer((await signedIn(house, email, PASSWORD)).token), 2, '192.0.2.1')
    assert.deepEqual((await recorded(id, 'access-token')).sort(), ['192.0.2.1', '192.0.2.1', '192.0.2.2'])
  })

  it('is an app password’s once a day, and where it moves', async () => {
    const { id, email } = await makeAccount(house)
    const client = await signIn(house, email)
    const json = { name: 'Script', scopes: ['api'] }
    const { password } = (await client.secure('POST', `${SECURITY}/apppasswords`, { json })).json
    const headers = { Authorization: `Basic ${Buffer.from(`${email}:${password}`).toString('base64')}` }
    const next = async (address: string, later: number) => {
      house.clock.turn(later)
      await open(headers, 2, address)
      return recorded(id, 'app-password')
    }
    assert.deepEqual(await next('192.0.2.1', 0), ['192.0.2.1'])
    assert.deepEqual(await next('192.0.2.1', DAY / 2), ['192.0.2.1'])
    assert.deepEqual(await next('192.0.2.2', DAY / 4), ['192.0.2.1', '192.0.2.2'])
    assert.deepEqual(await next('192.0.2.2', DAY + 1), ['192.0.2.1', '192.0.2.2', '192.0.2.2'])
  })
})
