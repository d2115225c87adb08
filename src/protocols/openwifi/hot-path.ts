import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context } from '#src/context.ts'
import { type ChangeFeed, changeFeed } from '#src/domain/sessions/sessions.ts'
import type { Incoming } from '#src/http/endpoint.ts'
import { opaqueId } from '#src/lib/chance.ts'
import { headers, text } from './reply.ts'

/**
 * `validateToken` is asked by every sibling service on every request. An answer that was worked out once is kept as
 * bytes until the account it is about, or the account that asks, changes in any way: the database tells of that as soon
 * as it is committed, by whichever process. Where it cannot (PostgreSQL), nothing is kept.
 */
interface Kept {
  bytes: Buffer
  /** epoch milliseconds from which a token in it is past its life */
  until: number
  accounts: readonly string[]
}

type Database = Context['database']

const ANSWERS_AT_MOST = 16_384
// A record with many notes is not what is asked for ten thousand times a second; its bytes are not worth keeping.
const BYTES_AT_MOST = 8192
const PATH = '/api/v1/validateToken?'
const fixed = { ...headers(), 'Content-Type': 'application/json' }

class HotAnswers {
  readonly #answers = new Map<string, Kept>()
  readonly #byAccount = new Map<string, Set<string>>()
  readonly feed: ChangeFeed

  constructor(ctx: Context) {
    this.feed = changeFeed(ctx, (account) => this.#forgetAccount(account))
  }

  find(key: string, now: number): Buffer | null {
    if (this.feed.position() === null) return null
    const kept = this.#answers.get(key)
    return kept && kept.until > now ? kept.bytes : null
  }

  keep(key: string, kept: Kept): void {
    if (this.#answers.size >= ANSWERS_AT_MOST) this.#forget(this.#answers.keys().next().value!)
    this.#answers.set(key, kept)
    for (const account of kept.accounts) {
      const keys = this.#byAccount.get(account) ?? new Set()
      this.#byAccount.set(account, keys.add(key))
    }
  }

  #forgetAccount(account: string | null): void {
    if (account === null) {
      this.#answers.clear()
      this.#byAccount.clear()
    } else for (const key of this.#byAccount.get(account) ?? []) this.#forget(key)
  }

  #forget(key: string): void {
    const kept = this.#answers.get(key)
    this.#answers.delete(key)
    for (const account of kept?.accounts ?? []) {
      const keys = this.#byAccount.get(account)
      keys?.delete(key)
      if (keys?.size === 0) this.#byAccount.delete(account)
    }
  }
}

const houses = new WeakMap<Database, HotAnswers>()

function answersOf(ctx: Context): HotAnswers {
  let answers = houses.get(ctx.database)
  if (!answers) {
    answers = new HotAnswers(ctx)
    houses.set(ctx.database, answers)
  }
  return answers
}

// Only the question as it is always put: anything else in the query would make an answer of its own each time.
const isPlain = (url: string): boolean => /^\/api\/v1\/validateToken\?token=\w{1,128}$/.test(url)

// The whole question: who asks, and what.
const keyOf = (authorization: string, url: string): string => `${authorization} ${url}`

/** Notes where the feed is before an answer is worked out; it is kept only if nobody in it changed meanwhile. */
export function answerBeingMade(ctx: Context, incoming: Incoming) {
  const answers = answersOf(ctx)
  const position = answers.feed.position()
  return {
    /** The answer, for the framework to send this once; its bytes serve the next ones `until` a token is too old. */
    kept(result: unknown, { until, accounts }: { until: number; accounts: readonly string[] }): Response {
      const authorization = incoming.headers.get('authorization')
      const bytes = Buffer.from(text(result))
      const url = incoming.url.pathname + incoming.url.search
      const isCurrent =
        position !== null && answers.feed.position() !== null && !answers.feed.changedSince(position, accounts)
      if (authorization && isCurrent && bytes.length <= BYTES_AT_MOST && isPlain(url))
        answers.keep(keyOf(authorization, url), { bytes, until, accounts })
      return new Response(bytes, { headers: { 'Content-Type': 'application/json' } })
    },
  }
}

/** Which listener a request came in by: only at the internal one a name makes a sibling service. */
export type Entrance = 'public' | 'internal'

/** Answers the hottest route before the framework; false when it has to be worked out. */
export function hotPath(
  ctx: Context,
  _entrance: Entrance,
): (message: IncomingMessage, response: ServerResponse) => boolean {
  const answers = answersOf(ctx)
  return (message, response) => {
    const { url, method } = message
    if (method !== 'GET' || !url?.startsWith(PATH)) return false
    const { authorization } = message.headers
    if (
      !authorization ||
      message.headers['x-api-key'] !== undefined ||
      message.headers['x-internal-name'] !== undefined
    )
      return false
    const bytes = answers.find(keyOf(authorization, url), ctx.clock.now())
    if (!bytes) return false
    response.writeHead(200, { ...fixed, 'Content-Length': bytes.length, 'X-Request-Id': opaqueId(ctx.clock.chance) })
    response.end(bytes)
    return true
  }
}
