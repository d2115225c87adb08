import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { CompiledQuery, type KyselyPlugin, type RootOperationNode } from 'kysely'
import { addAddress, findByAddress, searchAccounts } from '#src/domain/accounts/accounts.ts'
import { type House, onEveryEngine, startHouse } from '#src/testing.ts'
import { makeAccount, plain, refused } from '../mailbox/client.ts'
import { type Overseer, overseer, short } from './desk.ts'

interface Shown {
  id: string
  address: string
  name: string
}

const COUNT = 640
const names = ['Ada', 'ben', 'Änne', 'CLEO']

onEveryEngine('administration: the list of people', (engine) => {
  let house: House
  let root: Overseer

  before(async () => {
    house = await startHouse({ engine })
    root = await overseer(house, 'root', { email: 'the.root@house.test' })
    const { db } = house.ctx
    const first = await db.selectFrom('account').selectAll().where('id', '=', root.id).executeTakeFirstOrThrow()
    const rows = Array.from({ length: COUNT }, (_, n) => ({
      ...first,
      id: `${String((n * 7919) % 10_000).padStart(8, '0')}-0000-4000-8000-000000000000`,
      email: `u${n}@${n % 4 === 0 ? 'one.test' : 'two.test'}`,
      name: `${names[n % 4]} ${n}`,
      role: n % 100 === 0 ? 'admin' : 'csr',
      population: n % 5 === 0 ? 'subscriber' : 'user',
      two_step: n % 3 === 0 ? 1 : 0,
      suspended: n % 50 === 1 ? 1 : 0,
      black_listed: n === 7 ? 1 : 0,
      awaiting_confirmation: n === 8 ? 1 : 0,
      // Whole batches came at the same moment.
      created: first.created + Math.floor(n / 200) * 1000,
    }))
    for (let at = 0; at < COUNT; at += 200)
      await db
        .insertInto('account')
        .values(rows.slice(at, at + 200))
        .execute()
    await db
      .insertInto('address')
      .values(rows.map(({ id, email }) => ({ address: email, account_id: id, created: 1, wkd: email })))
      .execute()
  })
  after(() => house.stop())

  const page = async (query: Record<string, string>) => {
    const reply = await root.call('GET', `/accounts?${new URLSearchParams(query)}`)
    assert.equal(reply.status, 200, reply.text)
    return reply.json as { items: Shown[]; next: string | null }
  }
  const walk = async (query: Record<string, string> = {}, limit = 37) => {
    const seen: Shown[] = []
    for (let after: string | null = ''; after !== null; ) {
      const { items, next } = await page({ ...query, limit: String(limit), ...(after ? { after } : {}) })
      seen.push(...items)
      assert.ok(items.length === limit || next === null, 'only the last page may be short')
      after = next
    }
    return seen
  }
  const addresses = async (query: Record<string, string> = {}) => (await walk(query)).map(({ address }) => address)
  /** What the list should show, by a plain look at the whole table. */
  const expected = async (fits: (row: Awaited<ReturnType<typeof all>>[number]) => boolean) =>
    (await all())
      .filter(fits)
      .map(({ email }) => email)
      .sort()
  const all = () => house.ctx.db.selectFrom('account').selectAll().execute()

  it('shows everybody of a population once, by address, by name and by age', async () => {
    const users = await expected(({ population }) => population === 'user')
    assert.deepEqual(await addresses(), users)
    const byName = await walk({ order: 'name' })
    assert.deepEqual(byName.map(({ address }) => address).sort(), users)
    const plainNames = byName.map(({ name }) => name).filter((name) => /^[a-z0-9 ]+$/i.test(name))
    assert.deepEqual(
      plainNames,
      plainNames.toSorted((a, b) => (a.toLowerCase() < b.toLowerCase() ? -1 : 1)),
    )
    const ages = new Map((await all()).map(({ id, created }) => [id, created]))
    const newest = (await walk({ order: 'created' })).map(({ id }) => ages.get(id)!)
    assert.equal(newest.length, users.length)
    assert.deepEqual(
      newest,
      newest.toSorted((a, b) => b - a),
    )
    const subscribers = await expected(({ population }) => population === 'subscriber')
    assert.deepEqual(await addresses({ population: 'subscriber' }), subscribers)
  })

  it('filters by everything alone and together, in every order', async () => {
    const cases: [Record<string, string>, (row: Awaited<ReturnType<typeof all>>[number]) => boolean][] = [
      [{ role: 'admin' }, ({ role }) => role === 'admin'],
      [{ state: 'suspended' }, ({ suspended }) => suspended === 1],
      [{ state: 'black-listed' }, ({ black_listed }) => black_listed === 1],
      [{ state: 'unconfirmed' }, ({ awaiting_confirmation }) => awaiting_confirmation === 1],
      [
        { state: 'in-order' },
        ({ suspended, black_listed, awaiting_confirmation }) => suspended + black_listed + awaiting_confirmation === 0,
      ],
      [{ twoStep: 'on' }, ({ two_step }) => two_step === 1],
      [{ twoStep: 'off' }, ({ two_step }) => two_step === 0],
      [{ domain: '@One.test' }, ({ email }) => email.endsWith('@one.test')],
      [
        { role: 'csr', twoStep: 'on', domain: 'two.test' },
        ({ role, two_step, email }) => role === 'csr' && two_step === 1 && email.endsWith('@two.test'),
      ],
    ]
    for (const [query, fits] of cases) {
      const wanted = await expected((row) => row.population === 'user' && fits(row))
      for (const order of ['address', 'name', 'created'])
        assert.deepEqual((await addresses({ ...query, order })).sort(), wanted, JSON.stringify({ ...query, order }))
    }
  })

  it('finds by the beginning of an address or a name, capitals or not, and by a further address', async () => {
    assert.deepEqual(
      await addresses({ search: 'U12' }),
      await expected((row) => row.population === 'user' && row.email.startsWith('u12')),
    )
    const bens = await expected((row) => row.population === 'user' && row.name.startsWith('ben'))
    assert.deepEqual((await addresses({ search: 'BEN' })).sort(), bens)
    assert.deepEqual(
      (await addresses({ search: 'änne 1' })).length,
      (await expected((row) => row.population === 'user' && row.name.startsWith('Änne 1'))).length,
    )
    assert.deepEqual(
      (await addresses({ search: 'cleo 3', twoStep: 'on' })).sort(),
      await expected((row) => row.population === 'user' && row.two_step === 1 && row.name.startsWith('CLEO 3')),
    )
    const account = (await findByAddress(house.ctx, 'u1@two.test'))!
    const caller = (await findByAddress(house.ctx, house.rootEmail))!
    const origin = { protocol: 'test', network: 'local', agent: '' }
    await addAddress(house.ctx, { caller, account, address: 'other.name@two.test', origin })
    assert.deepEqual(await addresses({ search: 'Other.Name@two.test' }), ['u1@two.test'])
    assert.deepEqual(await addresses({ search: 'Other.Name@two.test', role: 'admin' }), [])
    // Signs that mean something to databases mean nothing here.
    for (const search of ['%', '_', "u1'", '\\', 'u%@']) assert.deepEqual(await addresses({ search }), [])
  })

  it('holds together while people come and go between two pages', async () => {
    const before = await addresses()
    const first = await page({ limit: '20' })
    await makeAccount(house, { email: 'a-new-one@one.test' })
    await makeAccount(house, { email: 'z-new-one@one.test' })
    const gone = first.items.at(-1)!
    await house.ctx.db.deleteFrom('account').where('id', '=', gone.id).execute()
    const rest: Shown[] = []
    for (let after = first.next; after; ) {
      const { items, next } = await page({ limit: '50', after })
      rest.push(...items)
      after = next
    }
    const seen = [...first.items, ...rest].map(({ address }) => address)
    assert.deepEqual(seen, [...before, 'z-new-one@one.test'].sort())
  })

  it('shows to each role whom it may see, and to most nobody', async () => {
    const seen: Record<string, string> = {}
    for (const role of [
      'root',
      'partner',
      'admin',
      'csr',
      'noc',
      'system',
      'installer',
      'accounting',
      'subscriber',
    ] as const) {
      const { call } = await overseer(house, role)
      const reach = await call('GET', '/reach')
      seen[role] = [
        short(await call('GET', '/accounts?population=user')),
        short(await call('GET', '/accounts?population=subscriber')),
        short(await call('GET', '/accounts')),
        reach.status === 200 ? reach.json.lists.join() : short(reach),
      ].join(' | ')
    }
    const everybody = '200 | 200 | 200 | user,subscriber'
    const subscribers = '403 ACCESS_DENIED | 200 | 200 | subscriber'
    const nobody = '403 ACCESS_DENIED | 403 ACCESS_DENIED | 403 ACCESS_DENIED | 403 ACCESS_DENIED'
    assert.deepEqual(seen, {
      root: everybody,
      partner: everybody,
      admin: everybody,
      csr: subscribers,
      noc: subscribers,
      system: subscribers,
      installer: nobody,
      accounting: nobody,
      subscriber: nobody,
    })
    refused(await plain(house, 'GET', '/admin/accounts'), 401, 'AUTH_REQUIRED')
  })

  it('refuses what it cannot read', async () => {
    const wrong = [
      'limit=0',
      'limit=100000',
      'order=password',
      'population=guest',
      'role=king',
      'state=asleep',
      'twoStep=perhaps',
      'unknown=1',
      'after=nonsense',
      `after=${Buffer.from('{"part":0}').toString('base64url')}`,
      `after=${Buffer.from('{"part":-1,"key":"","tie":""}').toString('base64url')}`,
      `search=${'x'.repeat(300)}`,
      'search=%00',
      'domain=%00',
      `after=${Buffer.from(JSON.stringify({ part: 0, key: '\0', tie: '' })).toString('base64url')}`,
    ]
    for (const query of wrong) refused(await root.call('GET', `/accounts?${query}`), 400, 'BAD_PARAMETER')
    for (const key of ['1e300', '0.5', '-0', 'Infinity']) {
      const after = Buffer.from(JSON.stringify({ part: 0, key, tie: '' })).toString('base64url')
      assert.equal(short(await root.call('GET', `/accounts?order=created&after=${after}`)), '200', key)
    }
    // A place of another kind of list is a place all the same.
    const { next } = await page({ limit: '5' })
    for (const query of [`order=created&after=${next}`, `search=u&after=${next}`])
      assert.equal(short(await root.call('GET', `/accounts?${query}`)), '200')
  })

  it('reads every page by an index, and sorts no more than few', async () => {
    const { ctx } = house
    const caller = (await findByAddress(ctx, house.rootEmail))!
    const nodes: { node: RootOperationNode; id: Parameters<KyselyPlugin['transformQuery']>[0]['queryId'] }[] = []
    const spy: KyselyPlugin = {
      transformQuery({ node, queryId }) {
        nodes.push({ node, id: queryId })
        return node
      },
      transformResult: async ({ result }) => result,
    }
    const seen = { ...ctx, db: ctx.db.withPlugin(spy) }
    const user = { population: 'user' } as const
    const common = { caller, filter: user, search: '', order: 'address', limit: 50 } as const
    const place = (key: string, tie = '') => ({ part: 0, key, tie })
    await searchAccounts(seen, { ...common, after: place('u3') })
    await searchAccounts(seen, { ...common, order: 'name', after: place('ben', 'u1@two.test') })
    await searchAccounts(seen, { ...common, order: 'created', after: place('1', 'x') })
    await searchAccounts(seen, { ...common, search: 'ben', after: { part: 2, key: 'ben 1', tie: 'u1@two.test' } })
    await searchAccounts(seen, { ...common, filter: { ...user, role: 'admin' }, after: place('u3') })
    await searchAccounts(seen, { ...common, filter: { ...user, state: 'suspended' }, order: 'name', after: null })
    await searchAccounts(seen, { ...common, filter: { ...user, domain: 'one.test' }, after: place('u3') })
    for (const { node, id } of nodes) {
      const { sql, parameters } = ctx.db.getExecutor().compileQuery(node, id)
      const plan = await ctx.db.connection().execute(async (db) => {
        if (engine === 'postgres') await db.executeQuery(CompiledQuery.raw('set enable_seqscan = off'))
        const explain = engine === 'postgres' ? 'explain' : 'explain query plan'
        const { rows } = await db.executeQuery(CompiledQuery.raw(`${explain} ${sql}`, [...parameters]))
        if (engine === 'postgres') await db.executeQuery(CompiledQuery.raw('set enable_seqscan = on'))
        return rows.map((row) => JSON.stringify(row)).join('\n')
      })
      if (sql.includes('limit') && /(?:split_part|instr)\(.*?\) = /.test(sql))
        assert.match(plan, /account_domain/, `${sql}\n${plan}`)
      assert.doesNotMatch(plan, /SCAN account\b(?! USING)|Seq Scan on account/, `${sql}\n${plan}`)
      // What is found by the index of its condition is sorted; what is found by its order is not.
      if (!sql.includes("|| ''") && !sql.includes('+ 0'))
        assert.doesNotMatch(plan, /TEMP B-TREE|Sort/, `${sql}\n${plan}`)
    }
    assert.ok(nodes.length >= 7)
  })
})
