import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import { type CallOptions, type House, onEveryEngine, type Reply, startHouse } from '#src/testing.ts'
import { login, refused } from '../conformance/openwifi/people.ts'

type Asked = readonly [method: string, path: string, options?: CallOptions]
type Judge = (reply: Reply) => void

const codeAndMessage: Judge = ({ json }) => {
  assert.equal(json.errorCode, 'SERVER_BUSY')
  assert.match(json.errorMessage, /busy/)
}
const ofOpenWiFi: Judge = (reply) => refused(reply, 503, 503)
const ofGuard: Judge = ({ json }) => {
  assert.deepEqual([json.code, json.categories, json.category], ['SVL-0019', 'TRY_AGAIN', 4])
  assert.match(json.error_id, /^\d+-\d+$/)
}
const inWords: Judge = ({ text }) => assert.match(text, /busy/)

const someone = { username: 'a@example.org', password: 'x' }

/** One call of every protocol, of each shape that it says no in. */
const tongues: Record<string, [Asked, Judge]> = {
  openwifi: [['POST', '/api/v1/oauth2', { json: { userId: 'a@example.org', password: 'x' } }], ofOpenWiFi],
  'openwifi, a list': [['GET', '/api/v1/users'], ofOpenWiFi],
  mailbox: [['POST', '/api/v1/login/cookie', { json: someone }], codeAndMessage],
  'a mail server': [['POST', '/api/v1/auth/verify', { json: someone }], codeAndMessage],
  guard: [['GET', '/appsuite/api/oxguard/guest?action=getquestion&email=a@example.org'], ofGuard],
  'app suite': [
    ['POST', '/appsuite/api/login?action=login', { form: { name: 'a@example.org', password: 'x' } }],
    ofGuard,
  ],
  mail: [['POST', '/api/v1/mail/decrypt', { body: 'x' }], codeAndMessage],
  guests: [['POST', '/api/v1/guest/anew', { json: { address: 'a@example.org' } }], codeAndMessage],
  administration: [['GET', '/api/v1/admin/outbox'], codeAndMessage],
  HKP: [['GET', '/pks/lookup?op=get&search=a@example.org'], inWords],
  WKD: [['GET', '/.well-known/openpgpkey/example.org/policy'], inWords],
  VKS: [['GET', '/vks/v1/by-email/a@example.org'], inWords],
  'a page': [['GET', '/guest/unsubscribe?token=x'], () => {}],
}

const isLater = (reply: Reply, what: string): void => {
  assert.equal(reply.status, 503, `${what}: ${reply.text}`)
  const wait = Number(reply.headers.get('retry-after'))
  assert.ok(wait >= 1 && wait <= 60, `${what}: ${reply.headers.get('retry-after')}`)
}

onEveryEngine('a house with too much to do', (engine) => {
  let house: House
  before(async () => {
    house = await startHouse({
      engine,
      settings: {
        CHATELAINE_PASSWORD_MEMORY: '65536',
        CHATELAINE_PASSWORD_PASSES: '4',
        CHATELAINE_PASSWORD_WIDTH: '1',
        CHATELAINE_PASSWORD_QUEUE: '3',
        CHATELAINE_REQUESTS_AT_ONCE: '4',
        CHATELAINE_FAILURES_ALLOWED: '5',
        CHATELAINE_INTERNAL_LISTEN: '127.0.0.1:0',
      },
    })
  })
  after(() => house.stop())
  const ask = ([method, path, options]: Asked) => house.call(method, path, options)
  const guesses = async () => (await house.ctx.db.selectFrom('throttle').selectAll().execute()).length
  const records = async () => (await house.ctx.db.selectFrom('audit').select('id').execute()).length

  it('says so in every tongue, with when to come back, and changes nothing', async () => {
    const before = [await guesses(), await records()]
    // They wait for each other's hashes: nobody else is let in as long as that takes.
    const busy = Array.from({ length: 4 }, () => login(house, 'nobody@example.org', 'x'))
    const { passwords } = house.ctx.workers
    while (passwords.active + passwords.depth < 4) await new Promise((resolve) => setTimeout(resolve, 5))
    const replies = await Promise.all(Object.values(tongues).map(([asked]) => ask(asked)))
    const inside = await house.callInternal('GET', '/api/v1/validateToken?token=x')
    const alive = [await ask(['GET', '/healthz']), await ask(['GET', '/readyz'])]
    assert.equal(passwords.active, 1, 'it was over before everybody had asked')
    for (const [index, [what, [, judge]]] of Object.entries(tongues).entries()) {
      isLater(replies[index]!, what)
      judge(replies[index]!)
    }
    // The other listener has its own.
    assert.notEqual(inside.status, 503)
    assert.deepEqual(
      alive.map(({ status }) => status),
      [200, 200],
    )
    for (const reply of await Promise.all(busy)) assert.equal(reply.status, 403)
    // What is there by now are the four guesses.
    const [throttles = 0, written = 0] = before
    assert.ok((await guesses()) <= throttles + 4)
    assert.equal(await records(), written + 4)
    for (const [what, [asked]] of Object.entries(tongues)) assert.notEqual((await ask(asked)).status, 503, what)
  })

  it('says when to come back, too, while its database does not answer', async () => {
    const { database } = house.ctx
    const { isReachable } = database
    database.isReachable = async () => false
    isLater(await ask(['GET', '/readyz']), 'readiness')
    database.isReachable = isReachable
    assert.equal((await ask(['GET', '/readyz'])).status, 200)
  })

  it('takes no try from whom it has no time for', async () => {
    const { passwords } = house.ctx.workers
    const busy = Array.from({ length: 4 }, () => passwords.hash('x'))
    const tries: Asked[] = [
      ['POST', '/api/v1/oauth2', { json: { userId: house.rootEmail, password: 'wrong' } }],
      ['POST', '/api/v1/login/cookie', { json: { username: house.rootEmail, password: 'wrong' } }],
      ['POST', '/appsuite/api/login?action=login', { form: { name: house.rootEmail, password: 'wrong' } }],
    ]
    for (let round = 0; round < 4; round++)
      for (const reply of await Promise.all(tries.map(ask))) isLater(reply, reply.text)
    assert.equal(passwords.depth, 3, 'it was over before everybody had tried')
    await Promise.all(busy)
    // Twelve wrong ones would have been more than enough to wait. It must only be changed.
    refused(await login(house, house.rootEmail, house.rootPassword), 403, 1)
  })
})
