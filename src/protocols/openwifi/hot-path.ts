import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context } from '#src/context.ts'
import type { Asker, Incoming, Without } from '#src/http/endpoint.ts'
import { requestIdOf } from '#src/http/request-id.ts'
import { answersOf } from './hot-answers.ts'
import { headers, text } from './reply.ts'

const PREFIX = '/api/v1/validate'
const fixed = { ...headers(), 'Content-Type': 'application/json' }

// Only the questions as they are always put: anything else in the query would make an answer of its own each time.
const isPlain = (url: string): boolean =>
  /^\/api\/v1\/validate((Sub)?Token\?token|A(pi|PI)Key\?api[kK]ey)=\w{1,128}$/.test(url)

/** What a request brings to prove who asks; undefined for what it does not. */
interface Brought {
  authorization: string | undefined
  apiKey: string | undefined
}

// As clients spell them. A proof can be written in many ways, and each would have an answer of its own.
const TOKEN = /^Bearer \w{1,128}$/
const KEY = /^[!-~]{1,256}$/

/** The whole question, who asks and what; null when it is one for the framework: two proofs, none, or an odd one. */
function questionOf(how: Without | undefined, { authorization, apiKey }: Brought, url: string): string | null {
  const proof = how === undefined ? authorization : apiKey
  if (proof === undefined || (authorization !== undefined && apiKey !== undefined)) return null
  if (!(how === undefined ? TOKEN : KEY).test(proof)) return null
  return `${how ?? 'token'} ${proof} ${url}`
}

/**
 * Notes where the feed is before an answer is worked out; it is kept only if nobody in it changed meanwhile. Whatever
 * the answer depends on has to be read after this.
 */
export function answerBeingMade(ctx: Context, asker: Asker, incoming: Incoming) {
  const answers = answersOf(ctx)
  const position = answers.feed.position()
  return {
    /** The answer, for the framework to send this once; its bytes serve the next ones, `until` at the latest. */
    kept(result: unknown, { until, about }: { until: number; about: string }): Response {
      const bytes = Buffer.from(text(result))
      const accounts = asker.without === 'service' ? [about] : [about, asker.account.id]
      const isCurrent =
        position !== null && answers.feed.position() !== null && !answers.feed.changedSince(position, accounts)
      const url = incoming.url.pathname + incoming.url.search
      const given = (name: string) => incoming.headers.get(name) ?? undefined
      const brought = { authorization: given('authorization'), apiKey: given('x-api-key') }
      const question = isPlain(url) ? questionOf(asker.without, brought, url) : null
      if (question && isCurrent) answers.keep(question, { bytes, until, accounts })
      return new Response(bytes, { headers: { 'Content-Type': 'application/json' } })
    },
  }
}

/** Which listener a request came in by: only at the internal one a name makes a sibling service. */
export type Entrance = 'public' | 'internal'

/** How the caller of a request would come in, if what it brings is right: as callers.ts judges it. */
function comesAs(entrance: Entrance, name: string | undefined, apiKey: string | undefined): Without | undefined {
  if (entrance === 'internal') return name === undefined ? undefined : 'service'
  return apiKey === undefined ? undefined : 'key'
}

/** A header that must be there once; null when it is there more often. Node would show the first, or all joined. */
function once(raw: readonly string[], wanted: string): string | undefined | null {
  let found: string | undefined
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!
    if (name.length !== wanted.length || name.toLowerCase() !== wanted) continue
    if (found !== undefined) return null
    found = raw[at + 1]!
  }
  return found
}

function askedBy(entrance: Entrance, { rawHeaders: raw, url = '' }: IncomingMessage): string | null {
  const authorization = once(raw, 'authorization')
  const apiKey = once(raw, 'x-api-key')
  const name = once(raw, 'x-internal-name')
  if (authorization === null || apiKey === null || name === null) return null
  return questionOf(comesAs(entrance, name, apiKey), { authorization, apiKey }, url)
}

/** Answers the hottest routes before the framework; false when it has to be worked out. */
export function hotPath(
  ctx: Context,
  entrance: Entrance,
): (message: IncomingMessage, response: ServerResponse) => boolean {
  const answers = answersOf(ctx)
  return (message, response) => {
    if (message.method !== 'GET' || !message.url?.startsWith(PREFIX)) return false
    const question = askedBy(entrance, message)
    const bytes = question && answers.find(question, ctx.clock.now())
    if (!bytes) return false
    const requestId = requestIdOf(once(message.rawHeaders, 'x-request-id'), ctx.clock.chance)
    response.writeHead(200, { ...fixed, 'Content-Length': bytes.length, 'X-Request-Id': requestId })
    response.end(bytes)
    return true
  }
}
