import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { engines } from '#src/testing.ts'
import { type Node, openNodes } from './revocation-nodes.ts'

const BOUND = 1000
const PEOPLE = 50
const TOKENS_EACH = 20
/** how many are revoked before one node loses sight of the database, and how many before it sees it again */
const HEALTHY = 500
const FROZEN = 200
const AT_ONCE = 8
/** milliseconds between two of those who ask a node for whatever token there is */
const PACE = 5

const among = <T>(list: readonly T[]): T => list[Math.floor(Math.random() * list.length)]!
const withoutPostgres = engines.includes('postgres') ? false : 'there is no PostgreSQL'

/** Does what `task` says for each, a few at a time. */
async function each<T>(list: readonly T[], task: (one: T) => Promise<void>): Promise<void> {
  const left = [...list]
  const worker = async () => {
    for (let one = left.pop(); one !== undefined; one = left.pop()) await task(one)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

it('a revoked token is valid nowhere a second later, and not once where it was revoked, whatever happens to a database’s wire', {
  skip: withoutPostgres,
}, async (t) => {
  const house = await openNodes(3)
  try {
    const { nodes, validate } = house
    const live = new Set<string>()
    await each(Array(PEOPLE).fill(0), async () => {
      for (const token of await house.tokens(TOKENS_EACH)) live.add(token)
    })
    const all = [...live]
    const revokedAt = new Map<string, number>()
    const wrong: string[] = []
    let asked = 0

    /** Asks a node, and holds its answer against what was promised. Returns how late a yes was; null for a no. */
    async function ask(node: Node, token: string): Promise<number | null> {
      const before = revokedAt.get(token)
      const { status, begun } = await validate(node, token)
      asked++
      if (before !== undefined && status === 200 && begun - before > BOUND)
        wrong.push(`node ${nodes.indexOf(node)}: valid ${Math.round(begun - before)} ms after it was revoked`)
      if (before === undefined && live.has(token) && status !== 200 && !frozen.has(node)) wrong.push(`live: ${status}`)
      return status === 200 && before !== undefined ? begun - before : null
    }

    const frozen = new Set<Node>()
    const late: number[] = []
    const unawaited: Promise<unknown>[] = []

    async function untilKnown(node: Node, token: string): Promise<void> {
      let worst = 0
      for (let yes = await ask(node, token); yes !== null; yes = await ask(node, token)) {
        worst = yes
        await sleep(PACE)
      }
      late.push(worst)
    }

    /** While a node knows nothing it may take its time to say so. */
    async function atTheFrozen(node: Node, token: string): Promise<void> {
      for (const pause of [0, 500, 600, 900]) {
        await sleep(pause)
        unawaited.push(ask(node, token))
      }
    }

    async function revoke(token: string): Promise<void> {
      const seeing = nodes.filter((node) => !frozen.has(node))
      // Kept everywhere, so that there is something to forget.
      for (const node of seeing) for (let time = 0; time < 2; time++) await ask(node, token)
      const taking = among(seeing)
      live.delete(token)
      revokedAt.set(token, await house.revoke(taking, token))
      if ((await ask(taking, token)) !== null) wrong.push('valid at the very node that revoked it')
      for (const node of frozen) unawaited.push(atTheFrozen(node, token))
      await Promise.all(seeing.filter((node) => node !== taking).map((node) => untilKnown(node, token)))
      if ((await ask(taking, token)) !== null) wrong.push('valid again at the node that revoked it')
    }

    // Others ask meanwhile for whatever token there is.
    let isOver = false
    const load = nodes.map(async (node) => {
      while (!isOver) {
        if (!frozen.has(node)) await ask(node, among(all))
        await sleep(PACE)
      }
    })

    await each(all.slice(0, HEALTHY), revoke)

    const blind = nodes[2]!
    const rest = all.slice(HEALTHY + FROZEN)
    for (const token of rest) await ask(blind, token)
    blind.wire.freeze()
    frozen.add(blind)
    const frozenAt = performance.now()
    await each(all.slice(HEALTHY, HEALTHY + FROZEN), revoke)
    await sleep(Math.max(0, frozenAt + 1500 - performance.now()))
    // Nothing that it keeps is given any more, not even what is still true.
    const answer = await validate(blind, rest[0]!)
    assert.deepEqual({ status: answer.status, retryAfter: answer.retryAfter }, { status: 503, retryAfter: '2' })
    const saidNo = performance.now() - answer.begun
    blind.wire.thaw()
    while ((await validate(blind, rest[0]!)).status !== 200) await sleep(20)
    frozen.delete(blind)

    await each(rest, revoke)
    isOver = true
    await Promise.all(load)
    for (let done = 0; done < unawaited.length; done++) await unawaited[done]

    assert.deepEqual(wrong, [])
    assert.equal(revokedAt.size, all.length)
    const sorted = late.toSorted((one, other) => one - other)
    t.diagnostic(
      `${revokedAt.size} tokens revoked among ${asked} questions; the last yes of another node came ` +
        `${Math.round(sorted.at(-1)!)} ms after at worst, ${Math.round(sorted[sorted.length >> 1]!)} ms in the median; ` +
        `the node without a database said so within ${Math.round(saidNo)} ms`,
    )
  } finally {
    await house.close()
  }
})
