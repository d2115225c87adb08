import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, before, it } from 'node:test'
import { type CallOptions, type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { METHODS, makeAccount, makeTwoStepAccount, PASSWORD, plain, refused, signIn } from './client.ts'

const page = readFileSync(new URL('../../../docs/mailbox.md', import.meta.url), 'utf8')
const cellsOf = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())

const made = /<!-- made: states -->\n(.*?)\n<!-- end: states -->/s.exec(page)?.[1]?.split('\n') ?? []
const [head = [], , ...rows] = made.map(cellsOf)
const states = head.slice(1)

/** What a state is told that may not. */
const withheld: Record<string, string> = {
  full: '403 NO_SECOND_STEP',
  required: '403 TWO_FACTOR_REQUIRED',
  setup: '403 TWO_FACTOR_SETUP_REQUIRED',
  change: '403 PASSWORD_CHANGE_REQUIRED',
  delegated: '403 NOT_AVAILABLE_WITH_OAUTH',
}
const unelevated = '403 SECURITY_TOKEN_REQUIRED'

type Call = (method: string, path: string, options?: CallOptions) => Promise<Reply>

onEveryEngine('mailbox: what docs/mailbox.md says that a state may call', (engine) => {
  let house: House
  let mandatory: House
  /** a session in the state, a fresh one each time: some calls end theirs */
  let sessions: Record<string, () => Promise<Call>>
  before(async () => {
    house = await startHouse({ engine })
    mandatory = await startHouse({ engine, settings: { CHATELAINE_TWO_STEP: 'mandatory' } })
    const { email: plainOne } = await makeAccount(house)
    const { account } = await makeTwoStepAccount(house)
    const { email: bare } = await makeAccount(mandatory)
    const { email: due } = await makeAccount(house, { mustChangePassword: true })
    const { email: owner } = await makeAccount(house)
    const signed = await house.call('POST', '/api/v1/oauth2', { json: { userId: owner, password: PASSWORD } })
    const Authorization = `Bearer ${signed.json.access_token}`
    sessions = {
      full: async () => (await signIn(house, plainOne)).call,
      required: async () => (await signIn(house, account.email)).call,
      setup: async () => (await signIn(mandatory, bare)).call,
      change: async () => (await signIn(house, due)).call,
      async delegated() {
        const { sessid } = (await plain(house, 'POST', '/login', { headers: { Authorization } })).json
        const headers = { Authorization, 'X-Axigen-Session': sessid }
        return (method, path) => plain(house, method, path, { headers })
      },
    }
  })
  after(async () => {
    await house.stop()
    await mandatory.stop()
  })

  it('is a table of every state', () => {
    assert.deepEqual(states.toSorted(), Object.keys(withheld).toSorted())
    assert.ok(rows.length > 40)
  })

  for (const [at = '', ...cells] of rows)
    it(at, async () => {
      const [method = '', path = ''] = at.replaceAll('`', '').replace('{id}', 'x').split(' ')
      for (const [index, state] of states.entries()) {
        const cell = cells[index]!
        const query = /^scope=\w+$/.test(cell) ? `?${cell}` : ''
        const reply = await (await sessions[state]!())(method, path + query)
        const said = reply.status === 200 ? '200' : `${reply.status} ${reply.json.errorCode}`
        if (cell === '') assert.equal(said, withheld[state], state)
        else if (cell === 'with securityToken') assert.equal(said, unelevated, state)
        else assert.ok(![...Object.values(withheld), unelevated].includes(said), `${state}: ${said}`)
      }
    })

  it('before the second step, no other scope of methods is shown', async () => {
    const call = await sessions.required!()
    for (const query of ['', '?scope=general', '?scope=usernameRecovery', '?scope=passwordRecovery'])
      refused(await call('GET', `${METHODS}${query}`), 403, 'TWO_FACTOR_REQUIRED')
  })
})
