import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { findAccount } from '#src/domain/accounts/accounts.ts'
import { signOutEverywhere } from '#src/domain/sessions/sessions.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { addMail, makeTwoStepAccount, PASSWORD, plain, SECURITY, signIn } from './client.ts'
import { mailedToken, reset } from './recovery.ts'

const MINUTE = 60_000
const ROUNDS = 5
const origin = { protocol: 'test', network: '192.0.2.1', agent: 'test' }

const times = <T>(count: number, make: (index: number) => Promise<T>): Promise<T>[] =>
  Array.from({ length: count }, (_, index) => make(index))

// Two transactions that hold in different orders what both want are ended by PostgreSQL, and answered with a 500.
onEveryEngine('mailbox: what one person does side by side never waits for each other', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({ engine })
  })
  after(() => house.stop())

  const judge = (replies: Reply[]) =>
    assert.deepEqual([...new Set(replies.map(({ status }) => status).filter((status) => status >= 500))], [])

  const enter = (username: string, password = PASSWORD) =>
    plain(house, 'POST', '/login/cookie', { json: { username, password } })

  async function recoverable() {
    const made = await makeTwoStepAccount(house)
    const target = `aside-${made.account.id}@elsewhere.example`
    const mail = await addMail(house, made.client.secure, target)
    house.clock.turn(MINUTE)
    return { ...made, email: made.account.email, target, mail }
  }

  it('a sign-in and a reported loss of all factors', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { email, target } = await recoverable()
      const recoveryToken = await mailedToken(house, email, target)
      const lose = () =>
        plain(house, 'POST', '/recover/secondfactor', { json: { username: email, password: PASSWORD, recoveryToken } })
      judge(await Promise.all([...times(3, () => enter(email)), lose(), ...times(3, () => enter(email))]))
    }
  })

  it('a sign-in and a new password by a token', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { email, target } = await recoverable()
      const token = await mailedToken(house, email, target)
      judge(
        await Promise.all([
          ...times(4, () => enter(email)),
          reset(house, email, token),
          ...times(4, () => enter(email)),
        ]),
      )
    }
  })

  it('a second step and a sign-out everywhere', async () => {
    for (let round = 0; round < ROUNDS; round++) {
      const { account, email, recoveryCodes } = await recoverable()
      const clients = await Promise.all(times(6, () => signIn(house, email)))
      const owner = await findAccount(house.ctx, account.id)
      const steps = clients.map((client, index) =>
        client.call('POST', '/login/2fa', { json: { recoveryCode: recoveryCodes[index] } }),
      )
      const outs = times(40, async (index) => {
        await new Promise((resolve) => setTimeout(resolve, index * 8))
        await signOutEverywhere(house.ctx, { account: owner!, origin })
      })
      judge(await Promise.all(steps))
      await Promise.all(outs)
    }
  })

  it('checks, methods and app passwords', async () => {
    for (let round = 0; round < ROUNDS / 2; round++) {
      const { client, recoveryCodes, mail } = await recoverable()
      const token = await client.token()
      const headers = { 'X-Axigen-Security-Token': token }
      judge(
        await Promise.all([
          ...times(4, (i) =>
            client.call('POST', `${SECURITY}/check`, { json: { password: PASSWORD, recoveryCode: recoveryCodes[i] } }),
          ),
          ...times(3, (i) =>
            client.call('POST', `${SECURITY}/apppasswords`, { json: { name: `n${i}`, scopes: ['imap'] }, headers }),
          ),
          client.call('DELETE', `${SECURITY}/methods/${mail}`, { headers }),
          ...times(3, () => client.call('POST', `${SECURITY}/methods/${mail}/sendtoken`)),
          client.call('POST', `${SECURITY}/2fa/recoverycodes`, { headers }),
          client.call('POST', `${SECURITY}/trusteddevices`, { json: {} }),
        ]),
      )
    }
  })

  it('sign-ins whose codes are mailed', async () => {
    const { email, client, app } = await recoverable()
    const gone = await client.secure('DELETE', `${SECURITY}/methods/${app.id}`)
    assert.equal(gone.status, 200, gone.text)
    for (let round = 0; round < 4; round++) {
      house.clock.turn(60 * MINUTE)
      const replies = await Promise.all(
        times(6, () => house.call('POST', '/api/v1/oauth2', { json: { userId: email, password: PASSWORD } })),
      )
      assert.ok(
        replies.some(({ json }) => json.method === 'email'),
        'no code was mailed',
      )
      judge(replies)
    }
  })
})
