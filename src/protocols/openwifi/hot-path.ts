import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context } from '#src/context.ts'
import type { Incoming } from '#src/http/endpoint.ts'
import { opaqueId } from '#src/lib/chance.ts'
import { headers, text } from './reply.ts'

/**
 * `validateToken` is asked by every sibling service on every request. An answer that was worked out once is kept as
 * bytes, for as long as nothing at all was committed to the database by anybody: then it is still the answer. SQLite
 * tells that by `data_version`, at about 3 µs; PostgreSQL has no such number, and there nothing is kept.
 */
type Database = Context['database']

interface Kept {
  bytes: Buffer
  /** epoch milliseconds from which a token in it is past its life */
  until: number
}

const fixed = { ...headers(), 'Content-Type': 'application/json' }
const ANSWERS_AT_MOST = 16_384
const PATH = '/api/v1/validateToken?'

class HotAnswers {
  #version: number | null = null
  readonly #answers = new Map<string, Kept>()
  readonly #database: Database

  constructor(database: Database) {
    this.#database = database
  }

  /** The database's version now; whatever was kept under another one is forgotten. */
  version(): number | null {
    const version = this.#database.version()
    if (version !== this.#version) {
      this.#answers.clear()
      this.#version = version
    }
    return version
  }

  find(key: string, now: number): Buffer | null {
    if (this.version() === null) return null
    const kept = this.#answers.get(key)
    return kept && kept.until > now ? kept.bytes : null
  }

  keep(key: string, kept: Kept, version: number | null): void {
    if (version === null || version !== this.version()) return
    if (this.#answers.size >= ANSWERS_AT_MOST) this.#answers.delete(this.#answers.keys().next().value!)
    this.#answers.set(key, kept)
  }
}

const houses = new WeakMap<Database, HotAnswers>()

function answersOf(database: Database): HotAnswers {
  let answers = houses.get(database)
  if (!answers) {
    answers = new HotAnswers(database)
    houses.set(database, answers)
  }
  return answers
}

// The whole question: who asks, and what. A request that brings an API key or more is not kept.
const keyOf = (authorization: string, url: string): string => `${authorization} ${url}`

/** Notes the database's version before an answer is worked out; it is kept only if nothing was committed meanwhile. */
export function answerBeingMade(ctx: Context, incoming: Incoming) {
  const answers = answersOf(ctx.database)
  const version = answers.version()
  return {
    /** The answer, for the framework to send this once; its bytes serve the next ones `until` a token is too old. */
    kept(result: unknown, until: number): Response {
      const authorization = incoming.headers.get('authorization')
      const bytes = Buffer.from(text(result))
      const url = incoming.url.pathname + incoming.url.search
      if (authorization) answers.keep(keyOf(authorization, url), { bytes, until }, version)
      return new Response(bytes, { headers: { 'Content-Type': 'application/json' } })
    },
  }
}

/** Answers the hottest route before the framework; false when it has to be worked out. */
export function hotPath(ctx: Context): (message: IncomingMessage, response: ServerResponse) => boolean {
  const answers = answersOf(ctx.database)
  return (message, response) => {
    const { url, method } = message
    if (method !== 'GET' || !url?.startsWith(PATH)) return false
    const { authorization } = message.headers
    if (!authorization || message.headers['x-api-key'] !== undefined) return false
    const bytes = answers.find(keyOf(authorization, url), ctx.clock.now())
    if (!bytes) return false
    response.writeHead(200, { ...fixed, 'Content-Length': bytes.length, 'X-Request-Id': opaqueId(ctx.clock.chance) })
    response.end(bytes)
    return true
  }
}
