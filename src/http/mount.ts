import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BlockList } from 'node:net'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import type { z } from 'zod'
import type { Context } from '#src/context.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { opaqueId } from '#src/lib/chance.ts'
import { logAbout } from '#src/lib/log.ts'
import { PoolBusy } from '#src/lib/openpgp/refusals.ts'
import { QueueFull } from '#src/lib/queue.ts'
import type { Following } from '#src/lib/tracing.ts'
import { admit } from './admitting.ts'
import { type AtWork, atWork, type Turn } from './at-work.ts'
import { decodeBody, fieldsOf, hasNul, readBody } from './body.ts'
import { addressList, clientAddress, isAmong } from './client-address.ts'
import type { Incoming, Protocol } from './endpoint.ts'
import { networkOf } from './limits.ts'
import { noteAnswer } from './noting.ts'
import { type Place, pick, placesOf, strangersPlaces } from './places.ts'
import { requestIdOf } from './request-id.ts'
import { sayWhen } from './retry-after.ts'
import { boundlessRoom, roomOf } from './room.ts'
import { wrongInput } from './wrong-input.ts'

/** Told after every answer, for metrics and the log. */
export type Observe = (seen: {
  protocol: string
  endpoint: string
  status: number
  reason: string
  milliseconds: number
}) => void

function parsed(schema: z.ZodType | undefined, value: unknown): unknown {
  if (!schema) return undefined
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw wrongInput(result.error, value)
}

const expected = ({ database }: Context, error: unknown): Refusal | null => {
  if (error instanceof Refusal) return error
  if (error instanceof QueueFull || error instanceof PoolBusy)
    return new Refusal('server.busy', { retryAfter: error.retryAfter })
  return database.isGone(error) ? new Refusal('server.busy', { retryAfter: 2 }) : null
}

/** A request on its way. `seen` is what may be told of it: never its path or query, which can carry tokens. */
interface Asked {
  incoming: Incoming
  message: IncomingMessage
  outgoing: ServerResponse
  path: Record<string, string>
  /** its place among those that are worked on */
  turn: Turn
  seen: { endpoint: string; reason: string }
}

interface House {
  ctx: Context
  trusted: BlockList
  /** at the listener for sibling services, where nobody else comes */
  isInside: boolean
  /** for all large bodies together */
  room: ReturnType<typeof roomOf>
  atWork: AtWork
}

async function answer(house: House, place: Place, asked: Asked): Promise<Response> {
  const { ctx, room } = house
  const { incoming, message, outgoing, path, turn, seen } = asked
  const { protocol } = place
  if (incoming.method === 'OPTIONS' && protocol.preflight)
    return protocol.preflight(incoming, [...place.methods.keys()], ctx)
  const query = fieldsOf(incoming.url.search.slice(1))
  const endpoint = pick(place, incoming)
  seen.endpoint = endpoint.at
  const { limits } = endpoint
  if (limits?.perSecond) {
    // By the parameters, not the path: that can be spelt in many ways.
    const key = `${JSON.stringify(path)} ${incoming.origin.network}`
    const most = limits.perSecond === 'signInRate' ? ctx.config.signInRate : limits.perSecond
    if (!(await ctx.house.mayCall(place.name, key, most))) throw new Refusal('rate.exceeded', { retryAfter: 1 })
  }
  if (!limits?.always) turn.enter()
  const admitted = await admit(ctx, endpoint, protocol, incoming)
  // Only now: a stranger's body is not worth the memory.
  const who = admitted?.account.id ?? incoming.origin.network
  incoming.makeRoom = room(who, outgoing)
  turn.leave()
  const bytes = await readBody(message, limits?.body ?? ctx.config.bodyLimit, incoming.makeRoom)
  if (!limits?.always) turn.enter()
  // And once more: a body can be held back until whoever sends it has been shut out.
  const caller = admitted && bytes.length > 0 ? await admit(ctx, endpoint, protocol, incoming) : admitted
  if (hasNul(Object.values(path))) throw new Refusal('input.unreadable')
  const input = {
    path: parsed(endpoint.in.path, path),
    query: parsed(endpoint.in.query, query),
    body: parsed(
      endpoint.in.body,
      await decodeBody(endpoint.takes, bytes, incoming.headers.get('content-type') ?? '', protocol),
    ),
  }
  const result = await endpoint.does(ctx, input as never, caller, incoming)
  return result instanceof Response ? result : protocol.reply(result, incoming)
}

/** An answer or a refusal, held back until what it acknowledges is on the disk. */
async function answered(...request: Parameters<typeof answer>): ReturnType<typeof answer> {
  try {
    return await answer(...request)
  } finally {
    await request[0].ctx.database.durable()
  }
}

function read(house: House, request: Request, message: IncomingMessage, protocol: Protocol): Incoming {
  const { headers } = request
  const peer = message.socket.remoteAddress ?? ''
  const address = clientAddress(peer, headers.get('x-forwarded-for'), house.trusted)
  return {
    method: request.method,
    url: new URL(request.url),
    headers,
    origin: {
      protocol: protocol.name,
      network: networkOf(address),
      agent: (headers.get('user-agent') ?? '').slice(0, 200),
    },
    requestId: requestIdOf(headers.get('x-request-id'), () => opaqueId(house.ctx.clock.chance)),
    answer: new Headers(),
    makeRoom: boundlessRoom,
  }
}

function finish(response: Response, protocol: Protocol, incoming: Incoming, ctx: Context): Response {
  const { headers } = response
  for (const [name, value] of Object.entries(protocol.headers(incoming, ctx)))
    if (!headers.has(name)) headers.set(name, value)
  for (const [name, value] of incoming.answer) headers.append(name, value)
  headers.set('X-Request-Id', incoming.requestId)
  return response
}

/** A request before it is read. */
interface Arrived {
  request: Request
  message: IncomingMessage
  outgoing: ServerResponse
  path: Record<string, string>
  observe: Observe
}

/** Whoever may say which trace a request is part of: a stranger who could would decide how many are kept. */
const mayNameTrace = ({ isInside, trusted }: House, { socket }: IncomingMessage): boolean =>
  isInside || isAmong(socket.remoteAddress ?? '', trusted)

async function handle(house: House, place: Place, arrived: Arrived, span: Following): Promise<Response> {
  const started = performance.now()
  const { request, message, outgoing, path, observe } = arrived
  const { protocol } = place
  const incoming = read(house, request, message, protocol)
  const ctx = { ...house.ctx, log: logAbout(house.ctx.log, { request: incoming.requestId }) }
  const seen = { endpoint: 'none', reason: '' }
  const turn = house.atWork.begin()
  let response: Response
  try {
    response = await answered({ ...house, ctx }, place, { incoming, message, outgoing, path, turn, seen })
  } catch (error) {
    const refusal = expected(house.ctx, error)
    seen.reason = refusal?.reason ?? 'fault'
    if (ctx.database.isGone(error)) ctx.log.error('database.gone', { error })
    if (!refusal) ctx.log.error('request.fault', { ...seen, error })
    response = refusal ? protocol.refuse(refusal, incoming, ctx) : protocol.fault(incoming)
  } finally {
    turn.leave()
  }
  sayWhen(response, seen.reason)
  const milliseconds = Math.round((performance.now() - started) * 100) / 100
  const { status } = response
  const answer = { protocol: protocol.name, ...seen, status, milliseconds }
  observe(answer)
  noteAnswer(span, answer, incoming)
  ctx.log.debug('request', answer)
  return finish(response, protocol, incoming, ctx)
}

export type Mounted = (message: IncomingMessage, response: ServerResponse) => void

/** Makes one request listener of all protocols. The only place that knows the HTTP framework. */
export function mount(
  ctx: Context,
  protocols: readonly Protocol[],
  { observe, isInside }: { observe: Observe; isInside: boolean },
): Mounted {
  const { trustedProxies, largeBodies, requestsAtOnce } = ctx.config
  const house: House = {
    ctx,
    trusted: addressList(trustedProxies),
    isInside,
    room: roomOf(largeBodies, (bytes) => {
      ctx.house.measures.tallies.largeBodies += bytes
    }),
    atWork: atWork(requestsAtOnce),
  }
  const app = new Hono<{ Bindings: HttpBindings }>()
  for (const [path, place] of placesOf(ctx, protocols))
    app.all(path, ({ req, env }) => {
      const { incoming: message, outgoing } = env
      const arrived = { request: req.raw, message, outgoing, path: req.param(), observe }
      const caller = mayNameTrace(house, message) ? req.raw.headers : null
      return ctx.house.tracing.request(caller, (span) => handle(house, place, arrived, span))
    })
  const strangersPlace = strangersPlaces(protocols, ctx)
  app.notFound(async (c) => {
    const place = strangersPlace(new URL(c.req.url).pathname)
    const { protocol } = place
    const incoming = read(house, c.req.raw, c.env.incoming, protocol)
    if (incoming.method === 'OPTIONS' && protocol.preflight)
      return finish(protocol.preflight(incoming, [], ctx), protocol, incoming, ctx)
    observe({ protocol: protocol.name, endpoint: 'none', status: 404, reason: 'endpoint.unknown', milliseconds: 0 })
    return finish(protocol.refuse(new Refusal('endpoint.unknown'), incoming, ctx), protocol, incoming, ctx)
  })
  return getRequestListener(app.fetch) as Mounted
}
