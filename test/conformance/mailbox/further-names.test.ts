import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { findByAddress, takeAddress } from '#src/domain/accounts/accounts.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { makeAccount, PASSWORD, plain } from './client.ts'

const WRONG = 'Wrong-Horse-9'
const origin = { protocol: 'test', network: '192.0.2.1', agent: '' }

onEveryEngine('an account with further names', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  async function withAliases(count: number): Promise<[string, ...string[]]> {
    const { email } = await makeAccount(house)
    const account = (await findByAddress(house.ctx, email))!
    const aliases = Array.from({ length: count }, (_, at) => `alias-${at}-${email}`)
    for (const address of aliases) await takeAddress(house.ctx, { account, address, origin })
    return [email, ...aliases]
  }
  const doors: Record<string, (name: string, password: string) => Promise<Reply>> = {
    'App Suite': (name, password) =>
      house.call('POST', '/appsuite/api/login?action=login', { form: { name, password } }),
    OpenWiFi: (userId, password) => house.call('POST', '/api/v1/oauth2', { json: { userId, password } }),
    mailbox(name, password) {
      const Authorization = `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
      return plain(house, 'POST', '/login', { headers: { Authorization } })
    },
  }
  const isDelayed = async (door: string, name: string, password: string): Promise<boolean> =>
    (await doors[door]!(name, password)).headers.has('retry-after')

  for (const door of Object.keys(doors))
    it(`gets no more guesses by them (${door})`, async () => {
      const names = await withAliases(5)
      let judged = 0
      for (let i = 0; i < 12; i++) if (!(await isDelayed(door, names[i % 6]!, WRONG))) judged++
      assert.equal(judged, house.ctx.config.failuresAllowed)
      for (const name of names) assert.equal(await isDelayed(door, name, PASSWORD), true)
    })

  it('is forgiven by whichever of them its owner gets in', async () => {
    const [email, alias] = await withAliases(1)
    for (let i = 0; i < 4; i++) await doors['App Suite']!(email, WRONG)
    assert.equal(await isDelayed('App Suite', alias!, PASSWORD), false)
    for (let i = 0; i < 5; i++) assert.equal(await isDelayed('App Suite', i % 2 ? email : alias!, WRONG), false)
    assert.equal(await isDelayed('App Suite', email, WRONG), true)
  })

  it('is asked for a captcha by all of them', async () => {
    const [email, alias] = await withAliases(1)
    const login = (username: string, password: string) =>
      plain(house, 'POST', '/login/cookie', { json: { username, password } })
    for (let i = 0; i < 3; i++) await login(alias!, WRONG)
    for (const name of [email, alias!]) {
      const status = await plain(house, 'GET', `/captcha/status?username=${encodeURIComponent(name)}`)
      assert.deepEqual(status.json, { isRequired: true })
    }
    assert.equal((await login(email, PASSWORD)).status, 401)
  })
})
