import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { engines, freshPostgres, type Inbox, openInbox } from '../../src/testing.ts'
import { balancer } from './balancer.ts'
import { emptyLedger, type Ledger, missingAt, startLoad } from './load.ts'
import { type Node, threeNodes, unpackPrevious } from './nodes.ts'

const NEW_PASSWORD = 'Second-Password-2'
const WIDTH = 4
/** how long the load runs undisturbed between two events, ms */
const MEANWHILE = 500

interface House {
  folder: string
  url: string
  nodes: Node[]
  inbox: Inbox
  /** aborted at the end: whoever still loads the nodes then gives up */
  over: AbortSignal
}

/** Three nodes over an empty database, and what they need; nothing is left of it, and no load goes on. */
async function inHouse(does: (house: House) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'chatelaine-nodes-'))
  const database = await freshPostgres()
  const inbox = await openInbox()
  const over = new AbortController()
  const nodes = await threeNodes(folder, {
    CHATELAINE_DATABASE_URL: database.url,
    CHATELAINE_SMTP_URL: inbox.url,
    CHATELAINE_PUBLIC_URL: 'http://people.example.org',
    CHATELAINE_ROOT_EMAIL: 'root@example.org',
    CHATELAINE_SIGN_IN_RATE: '10000',
    CHATELAINE_MESSAGES_PER_HOUR: '10000',
    CHATELAINE_CODE_PAUSE: '0',
    CHATELAINE_PASSWORD_MEMORY: '64',
    CHATELAINE_PASSWORD_PASSES: '1',
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
    // The version before has its sources here, and no console.
    CHATELAINE_CONSOLE: 'off',
  })
  try {
    await does({ folder, url: database.url, nodes, inbox, over: over.signal })
  } finally {
    over.abort()
    await Promise.all(nodes.map((node) => node.end('SIGKILL')))
    await inbox.close()
    await database.drop()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Starts all three at the same instant; one of them has made the first administrator, who is signed in then. */
async function startAll({ nodes }: House, program?: string) {
  await Promise.all(nodes.map((node) => node.start(program)))
  const printed = nodes.map(({ process }) => /shown this once: (\S+)/.exec(process!.output())?.[1])
  const [password, ...more] = printed.filter((one) => one !== undefined)
  assert.deepEqual(more, [], 'one node, and one alone, makes the first administrator')
  const { anywhere, seen } = balancer(nodes)
  const json = { userId: 'root@example.org', password, newPassword: NEW_PASSWORD }
  const entered = await anywhere('/api/v1/oauth2', { method: 'POST', json })
  assert.equal(entered.status, 200, entered.text)
  return { anywhere, seen, root: entered.json.access_token as string, ledger: emptyLedger() }
}

async function ask(url: string, statements: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statements)
  } finally {
    await client.end()
  }
}

const messageId = (raw: string): string => /^message-id: (\S+)/im.exec(raw)?.[1] ?? 'none'

/** Waits until every letter has come, and tells which mails came more than once. */
async function doubles({ received }: Inbox, { letters }: Ledger): Promise<string[]> {
  const arrived = () => new Set(received.map(({ subject }) => subject))
  // A mail that a killed node had in hand is given to another one when its claim is over.
  for (let waited = 0; waited < 100_000 && letters.some((one) => !arrived().has(one)); waited += 100) await sleep(100)
  const known = arrived()
  assert.deepEqual(
    letters.filter((one) => !known.has(one)),
    [],
    'letters that were promised have not come',
  )
  const ids = received.map(({ raw, to }) => `${messageId(raw)} ${to}`)
  return ids.filter((id, at) => ids.indexOf(id) !== at)
}

/** Everybody has had everything, at every node; one line about it. */
async function judge(test: TestContext, house: House, world: Awaited<ReturnType<typeof startAll>>, what: string) {
  const { seen, ledger } = world
  assert.deepEqual(seen.faults, [], 'a node failed')
  assert.deepEqual(ledger.wrong, [], 'somebody was not served')
  for (const node of house.nodes) assert.deepEqual(await missingAt(node, world), [], `missing at node ${node.name}`)
  for (const { process } of house.nodes) assert.doesNotMatch(process!.output(), /"level":"error"/)
  const { accounts, tokens, mailboxes, keys, letters, secondSteps } = ledger
  test.diagnostic(
    `${what}: ${seen.requests} requests, ${seen.elsewhere} asked again elsewhere, ${seen.cut} cut; ${accounts.length} accounts, ${tokens.size} tokens, ${mailboxes.length} mailboxes, ${keys.length} keys, ${letters.length} letters, ${secondSteps} second steps in two halves`,
  )
  assert.ok(secondSteps > 0 && keys.length > 0 && letters.length > 0, 'nothing was done')
}

/** Long enough for something of each kind, however busy the machine is. */
async function untilMore({ ledger }: { ledger: Ledger }): Promise<void> {
  const before = ledger.secondSteps
  await sleep(MEANWHILE)
  for (let waited = 0; waited < 30_000 && ledger.secondSteps - before < 2; waited += 50) await sleep(50)
}

const skip = engines.includes('postgres') ? false : 'several nodes need PostgreSQL'

describe('three nodes over one database', { skip }, () => {
  it('start at the same instant, and one is killed under load', { timeout: 240_000 }, (test) =>
    inHouse(async (house) => {
      const [, two] = house.nodes
      const world = await startAll(house)
      const keys = house.nodes.map(({ name }) => readFileSync(join(house.folder, name, 'internal.key'), 'utf8'))
      assert.equal(new Set(keys).size, 1, 'siblings are taken for strangers by some nodes')
      const load = startLoad({ ...world, ...house }, { name: 'person', width: WIDTH })
      await untilMore(world)
      await two!.end('SIGKILL')
      await untilMore(world)
      await two!.start()
      await untilMore(world)
      await load.stop()
      await judge(test, house, world, 'one killed')
      // What it had told the mail server and not yet noted is sent again: SMTP cannot tell.
      assert.ok((await doubles(house.inbox, world.ledger)).length <= WIDTH, 'mails came twice')
    }),
  )

  it('are upgraded one by one under load, and taken back', { timeout: 240_000 }, (test) =>
    inHouse(async (house) => {
      const previous = unpackPrevious(house.folder)
      const [one, two] = house.nodes
      const world = await startAll(house, previous.program)
      const replace = async (node: Node, program?: string) => {
        assert.equal(await node.end('SIGTERM'), 0)
        await node.start(program)
        await untilMore(world)
      }
      const upgrading = startLoad({ ...world, ...house }, { name: 'upgrading', width: WIDTH })
      await untilMore(world)
      for (const node of house.nodes) await replace(node)
      await upgrading.stop()
      await judge(test, house, world, `upgraded from ${previous.version}`)
      const load = startLoad({ ...world, ...house }, { name: 'upgraded', width: WIDTH })
      // Back, on the new schema.
      await replace(one!, previous.program)
      // And forth, on a schema that a version to come has taken further.
      await ask(
        house.url,
        `create table if not exists migration (name text, timestamp text, needs text);
        insert into migration (name, timestamp, needs) values ('9999-to-come', '2099-01-01T00:00:00.000Z', '')`,
      )
      await replace(two!)
      assert.match(two!.process!.output(), /schema\.newer.*9999-to-come/)
      await load.stop()
      await judge(test, house, world, 'taken back')
      assert.deepEqual(await doubles(house.inbox, world.ledger), [], 'mails came twice')
    }),
  )
})
