import type { IncomingMessage, ServerResponse } from 'node:http'
import type { BlockList } from 'node:net'
import { getRequestListener, type HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import type { z } from 'zod'
import type { Context } from '#src/context.ts'
import { type Reason, Refusal } from '#src/domain/refusals.ts'
import { judgeElevation, type State } from '#src/domain/sessions/sessions.ts'
import { opaqueId } from '#src/lib/chance.ts'
import { PoolBusy } from '#src/lib/openpgp/refusals.ts'
import { QueueFull } from '#src/lib/queue.ts'
import { type AtWork, atWork, type Turn } from './at-work.ts'
import { decodeBody, fieldsOf, hasNul, readBody } from './body.ts'
import { addressList, clientAddress } from './client-address.ts'
import { type Asker, admissions, type Endpoint, type Incoming, type Protocol } from './endpoint.ts'
import { networkOf } from './limits.ts'
import { type Place, pick, placesOf, strangersPlace } from './places.ts'
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

const REQUEST_ID = /^[\w.-]{8,64}$/

function parsed(schema: z.ZodType | undefined, value: unknown): unknown {
  if (!schema) return undefined
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw wrongInput(result.error, value)
}

/** Why a session in a state may not do what asks for another. */
const withheld: Record<State, Reason> = {
  full: 'challenge.invalid',
  required: 'session.partial',
  setup: 'session.setup',
  change: 'password.change-required',
  delegated: 'session.delegated',
  guest: 'access.denied',
}

async function admit(ctx: Context, endpoint: Endpoint, protocol: Protocol, incoming: Incoming): Promise<Asker | null> {
  if (endpoint.who === 'anyone') return null
  const caller = await protocol.caller(ctx, incoming)
  if (!caller) throw new Refusal('session.missing')
  const { states, elevated, others = [] } = admissions[endpoint.who]
  if (!caller.session) {
    if (!caller.without || !others.includes(caller.without)) throw new Refusal('access.denied')
    return caller
  }
  if (states.length === 0) throw new Refusal('access.denied')
  const state = caller.session.state as State
  if (!states.includes(state)) throw new Refusal(withheld[state])
  if (elevated && state !== 'setup') await judgeElevation(ctx, caller.session, protocol.elevation?.(incoming) ?? null)
  return caller
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
  const given = headers.get('x-request-id') ?? ''
  return {
    method: request.method,
    url: new URL(request.url),
    headers,
    origin: {
      protocol: protocol.name,
      network: networkOf(address),
      agent: (headers.get('user-agent') ?? '').slice(0, 200),
    },
    requestId: REQUEST_ID.test(given) ? given : opaqueId(house.ctx.clock.chance),
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

async function handle(
  house: House,
  place: Place,
  {
    request,
    message,
    outgoing,
    path,
    observe,
  }: {
    request: Request
    message: IncomingMessage
    outgoing: ServerResponse
    path: Record<string, string>
    observe: Observe
  },
): Promise<Response> {
  const started = performance.now()
  const { protocol } = place
  const incoming = read(house, request, message, protocol)
  const seen = { endpoint: 'none', reason: '' }
  const turn = house.atWork.begin()
  let response: Response
  try {
    response = await answered(house, place, { incoming, message, outgoing, path, turn, seen })
  } catch (error) {
    const refusal = expected(house.ctx, error)
    seen.reason = refusal?.reason ?? 'fault'
    if (house.ctx.database.isGone(error)) house.ctx.log.error('database.gone', { request: incoming.requestId, error })
    if (!refusal) house.ctx.log.error('request.fault', { request: incoming.requestId, ...seen, error })
    response = refusal ? protocol.refuse(refusal, incoming, house.ctx) : protocol.fault(incoming)
  } finally {
    turn.leave()
  }
  sayWhen(response, seen.reason)
  const milliseconds = Math.round((performance.now() - started) * 100) / 100
  observe({ protocol: protocol.name, ...seen, status: response.status, milliseconds })
  const { status } = response
  house.ctx.log.debug('request', {
    request: incoming.requestId,
    protocol: protocol.name,
    ...seen,
    status,
    milliseconds,
  })
  return finish(response, protocol, incoming, house.ctx)
}

export type Mounted = (message: IncomingMessage, response: ServerResponse) => void

/** Makes one request listener of all protocols. The only place that knows the HTTP framework. */
export function mount(ctx: Context, protocols: readonly Protocol[], observe: Observe): Mounted {
  const { trustedProxies, largeBodies, requestsAtOnce } = ctx.config
  const house: House = {
    ctx,
    trusted: addressList(trustedProxies),
    room: roomOf(largeBodies),
    atWork: atWork(requestsAtOnce),
  }
  const app = new Hono<{ Bindings: HttpBindings }>()
  for (const [path, place] of placesOf(ctx, protocols))
    app.all(path, (c) =>
      handle(house, place, {
        request: c.req.raw,
        message: c.env.incoming,
        outgoing: c.env.outgoing,
        path: c.req.param(),
        observe,
      }),
    )
  app.notFound(async (c) => {
    const place = strangersPlace(protocols, ctx, new URL(c.req.url).pathname)
    const { protocol } = place
    const incoming = read(house, c.req.raw, c.env.incoming, protocol)
    if (incoming.method === 'OPTIONS' && protocol.preflight)
      return finish(protocol.preflight(incoming, [], ctx), protocol, incoming, ctx)
    observe({ protocol: protocol.name, endpoint: 'none', status: 404, reason: 'endpoint.unknown', milliseconds: 0 })
    return finish(protocol.refuse(new Refusal('endpoint.unknown'), incoming, ctx), protocol, incoming, ctx)
  })
  return getRequestListener(app.fetch) as Mounted
}
