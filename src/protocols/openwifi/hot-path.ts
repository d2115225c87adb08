import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Context } from '#src/context.ts'
import type { Asker, Incoming } from '#src/http/endpoint.ts'
import { requestIdOf } from '#src/http/request-id.ts'
import { opaqueIds } from '#src/lib/chance.ts'
import { answersOf, type By } from './hot-answers.ts'
import { headers, text } from './reply.ts'

const PREFIX = '/api/v1/validate'
const fixed = { ...headers(), 'Content-Type': 'application/json' }

// Only the questions as they are always put: anything else in the query would make an answer of its own each time.
const isPlain = (url: string): boolean =>
  /^\/api\/v1\/validate((Sub)?Token\?token|A(pi|PI)Key\?api[kK]ey)=\w{1,128}$/.test(url)

/** The headers that tell who asks, and the id of the request, each as it came; undefined for what was not brought. */
type Brought = Record<'authorization' | 'x-api-key' | 'x-internal-name' | 'x-request-id', string | undefined>

// As clients spell them. A proof can be written in many ways, and each would have an answer of its own.
const shapes: Record<By, RegExp> = {
  token: /^Bearer \w{1,128}$/,
  key: /^[!-~]{1,256}$/,
  service: /^[!-~]{1,256}$/,
}

/** The one proof that a request brings; undefined for two of them, and for none: those are for the framework. */
function proofOf(
  by: By,
  { authorization, 'x-api-key': apiKey }: Pick<Brought, 'authorization' | 'x-api-key'>,
): string | undefined {
  if (by === 'token') return apiKey === undefined ? authorization : undefined
  return authorization === undefined ? apiKey : undefined
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
      const by = asker.without ?? 'token'
      const url = incoming.url.pathname + incoming.url.search
      const given = (name: string) => incoming.headers.get(name) ?? undefined
      const brought = { authorization: given('authorization'), 'x-api-key': given('x-api-key') }
      const proof = proofOf(by, brought)
      if (isCurrent && isPlain(url) && proof !== undefined && shapes[by].test(proof))
        answers.keep({ by, proof, url }, { text: bytes.toString('latin1'), until, accounts })
      return new Response(bytes, { headers: { 'Content-Type': 'application/json' } })
    },
  }
}

/** Which listener a request came in by: only at the internal one a name makes a sibling service. */
export type Entrance = 'public' | 'internal'

/** How the caller of a request would come in, if what it brings is right: as callers.ts judges it. */
function comesAs(entrance: Entrance, { 'x-internal-name': name, 'x-api-key': apiKey }: Brought): By {
  if (entrance === 'internal') return name === undefined ? 'token' : 'service'
  return apiKey === undefined ? 'token' : 'key'
}

const nothing: Brought = {
  authorization: undefined,
  'x-api-key': undefined,
  'x-internal-name': undefined,
  'x-request-id': undefined,
}
const isOurs = (name: string): name is keyof Brought => Object.hasOwn(nothing, name)
const lengths = new Set(Object.keys(nothing).map(({ length }) => length))

/** What a request brings; null when it brings something twice. Node would show the first, or all joined. */
function broughtBy(raw: readonly string[]): Brought | null {
  const brought = { ...nothing }
  for (let at = 0; at < raw.length; at += 2) {
    const spelt = raw[at]!
    // Most headers are none of these, as their length tells already.
    if (!lengths.has(spelt.length)) continue
    const name = spelt.toLowerCase()
    if (!isOurs(name)) continue
    if (brought[name] !== undefined) return null
    brought[name] = raw[at + 1]!
  }
  return brought
}

/** Answers the hottest routes before the framework; false when it has to be worked out. */
export function hotPath(
  ctx: Context,
  entrance: Entrance,
): (message: IncomingMessage, response: ServerResponse) => boolean {
  const answers = answersOf(ctx)
  const freshId = opaqueIds(ctx.clock.chance)
  return (message, response) => {
    const { method, url, rawHeaders } = message
    if (method !== 'GET' || !url?.startsWith(PREFIX)) return false
    const brought = broughtBy(rawHeaders)
    if (!brought) return false
    const by = comesAs(entrance, brought)
    const proof = proofOf(by, brought)
    const answer = proof === undefined ? null : answers.find(by, proof, url, ctx.clock.now())
    if (!answer) return false
    const requestId = requestIdOf(brought['x-request-id'], freshId)
    response.writeHead(200, { ...fixed, 'Content-Length': answer.length, 'X-Request-Id': requestId })
    response.end(answer, 'latin1')
    return true
  }
}
