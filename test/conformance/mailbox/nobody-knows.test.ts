import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { changeAccount, findByAddress } from '#src/domain/accounts/accounts.ts'
import { type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { addMail, makeAccount, makeTwoStepAccount, PASSWORD, signIn } from './client.ts'
import { KEY, type Question, questions, targetOf } from './existence.ts'

// Each name is asked for so often, also past the point where it has to wait: 200 requests of either kind. PostgreSQL, where
// no rule differs, is asked for one account of each kind.
const names = { sqlite: 20, postgres: 5 }
const ROUNDS = 10
const numbered = (n: number): string => String(n).padStart(2, '0')
const known = (n: number): string => `known-${numbered(n)}@example.org`
const unknown = (n: number): string => `never-${numbered(n)}@example.org`
onEveryEngine('rules: nothing shows whether an account exists', (engine) => {
  const NAMES = names[engine]
  let house: House
  before(async () => {
    const settings = { CHATELAINE_TRUSTED_PROXIES: '127.0.0.1', CHATELAINE_MAIL_SERVER_KEY: KEY }
    house = await startHouse({ engine, settings })
    const root = await findByAddress(house.ctx, house.rootEmail)
    const origin = { protocol: 'test', network: '192.0.2.1', agent: '' }
    // Accounts of all kinds: with nothing, with a mail address to recover by, subscribers, with a second step, suspended.
    for (let n = 0; n < NAMES; n++) {
      const email = known(n)
      const kind = n % 5
      if (kind === 3) {
        const { account } = await makeTwoStepAccount(house)
        await house.ctx.db.updateTable('account').set({ email }).where('id', '=', account.id).execute()
        await house.ctx.db.updateTable('address').set({ address: email }).where('account_id', '=', account.id).execute()
        continue
      }
      const { id } = await makeAccount(house, { email, ...(kind === 2 ? { population: 'subscriber' } : {}) })
      if (kind > 0 && kind < 3) {
        const { secure } = await signIn(house, email, PASSWORD)
        await addMail(house, secure, targetOf(email))
      }
      if (kind === 4) await changeAccount(house.ctx, { caller: root!, id, changes: { suspended: true }, origin })
    }
  })
  after(() => house.stop())

  const OFTEN = ['date', 'x-request-id']

  function shown(reply: Reply, name: string, { varies }: Question): unknown {
    const headers = [...reply.headers].filter(([key]) => !OFTEN.includes(key) && !varies?.headers.includes(key))
    const text = varies ? varies.text(reply) : reply.text
    return { status: reply.status, headers, text: text.replaceAll(name, '<name>') }
  }

  for (const [n, question] of questions.entries())
    it(`${question.what}: ${NAMES * ROUNDS} of either kind get the same answers`, async () => {
      if (!question.goesOn) await house.ctx.db.deleteFrom('throttle').execute()
      const seen = new Set<number>()
      for (let round = 0; round < ROUNDS; round++) {
        house.clock.turn(1000)
        for (let i = 0; i < NAMES; i++) {
          // Each pair from a network of its own, which waits for nobody else's tries.
          const from = { 'X-Forwarded-For': `10.${n}.0.${i}` }
          const answers = []
          // One after the other, and now this, now that one first.
          const pair = [known(i), unknown(i)]
          for (const name of round % 2 === 0 ? pair : pair.toReversed()) {
            const [method, path, options = {}] = question.asks(name)
            const reply = await house.call(method, path, { ...options, headers: { ...options.headers, ...from } })
            seen.add(reply.status)
            answers.push(shown(reply, name, question))
          }
          assert.deepEqual(answers[0], answers[1], `${known(i)}, round ${round}`)
        }
      }
      assert.deepEqual([...seen].toSorted(), question.statuses)
    })

  it('decoys are the same each time, and others for other names', async () => {
    const asked = async (name: string) =>
      (await house.call('GET', `/api/v1/recover/password/methods?username=${name}`)).text
    const texts = new Set<string>()
    for (let i = 0; i < NAMES; i++) {
      const text = await asked(unknown(i))
      assert.equal(await asked(unknown(i)), text)
      texts.add(text)
    }
    assert.ok(texts.size > NAMES / 2)
  })
})
