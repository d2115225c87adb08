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
import { decodeBody, fieldsOf, hasNul, readBody } from './body.ts'
import { addressList, clientAddress } from './client-address.ts'
import { type Asker, admissions, type Endpoint, type Incoming, type Protocol } from './endpoint.ts'
import { networkOf } from './limits.ts'
import { roomOf } from './room.ts'
import { wrongInput } from './wrong-input.ts'

/** Told after every answer, for metrics and the log. */
export type Observe = (seen: {
  protocol: string
  endpoint: string
  status: number
  reason: string
  milliseconds: number
}) => void

/** The endpoints of one path: by method, and by action where the protocol dispatches so. */
interface Place {
  protocol: Protocol
  methods: Map<string, Map<string, Endpoint>>
  /** what its calls are counted under */
  name: string
}

const REQUEST_ID = /^[\w.-]{8,64}$/

const newPlace = (protocol: Protocol, name: string): Place => ({ protocol, methods: new Map(), name })

function placesOf(ctx: Context, protocols: readonly Protocol[]): Map<string, Place> {
  const places = new Map<string, Place>()
  for (const protocol of protocols)
    for (const base of protocol.bases)
      for (const endpoint of protocol.endpoints(ctx)) {
        const [method = '', rest = ''] = endpoint.at.split(' ')
        const [path = '', query = ''] = rest.split('?')
        const action = query.replace(/^action=/, '')
        const full = base + path.replace(/\{(\w+)\}/g, ':$1')
        const place = places.get(full) ?? newPlace(protocol, full)
        if (place.protocol !== protocol) throw new Error(`${full} belongs to two protocols`)
        const actions = place.methods.get(method) ?? new Map<string, Endpoint>()
        if (actions.has(action)) throw new Error(`${endpoint.at} is there twice`)
        places.set(full, { ...place, methods: place.methods.set(method, actions.set(action, endpoint)) })
      }
  return places
}

function pick(place: Place, incoming: Incoming): Endpoint {
  const actions = place.methods.get(incoming.method)
  if (!actions) {
    incoming.answer.set('Allow', [...place.methods.keys()].join(', '))
    throw new Refusal('method.unsupported')
  }
  const plain = actions.get('')
  if (plain) return plain
  const action = incoming.url.searchParams.get('action') ?? ''
  const found = actions.get(action)
  if (found) return found
  const elsewhere = [...place.methods.values()].some((others) => others.has(action))
  throw new Refusal(elsewhere ? 'method.unsupported' : 'endpoint.unknown', { params: ['action'] })
}

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
  const isBusy = error instanceof QueueFull || error instanceof PoolBusy || database.isGone(error)
  return isBusy ? new Refusal('server.busy', { retryAfter: 2 }) : null
}

/** A request on its way. `seen` is what may be told of it: never its path or query, which can carry tokens. */
interface Asked {
  incoming: Incoming
  message: IncomingMessage
  outgoing: ServerResponse
  path: Record<string, string>
  seen: { endpoint: string; reason: string }
}

interface House {
  ctx: Context
  trusted: BlockList
  /** for all large bodies together */
  room: ReturnType<typeof roomOf>
}

async function answer(house: House, place: Place, asked: Asked): Promise<Response> {
  const { ctx, room } = house
  const { incoming, message, outgoing, path, seen } = asked
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
  const admitted = await admit(ctx, endpoint, protocol, incoming)
  // Only now: a stranger's body is not worth the memory.
  const who = admitted?.account.id ?? incoming.origin.network
  incoming.makeRoom = room(who, outgoing)
  const bytes = await readBody(message, limits?.body ?? ctx.config.bodyLimit, incoming.makeRoom)
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
    makeRoom: async () => {},
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
  let response: Response
  try {
    response = await answered(house, place, { incoming, message, outgoing, path, seen })
  } catch (error) {
    const refusal = expected(house.ctx, error)
    seen.reason = refusal?.reason ?? 'fault'
    if (house.ctx.database.isGone(error)) house.ctx.log.error('database.gone', { request: incoming.requestId, error })
    if (!refusal) house.ctx.log.error('request.fault', { request: incoming.requestId, ...seen, error })
    response = refusal ? protocol.refuse(refusal, incoming, house.ctx) : protocol.fault(incoming)
  }
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

/**
 * Whose words an unknown path is answered in: of the protocols with the longest base that it lies under, the one that
 * knows its next segment, else the first.
 */
function strangersPlace(protocols: readonly Protocol[], ctx: Context, pathname: string): Place {
  const basesOver = ({ bases }: Protocol) => bases.filter((base) => pathname.startsWith(`${base}/`))
  const longest = Math.max(...protocols.flatMap(basesOver).map(({ length }) => length))
  const near = protocols.filter((protocol) => basesOver(protocol).some(({ length }) => length === longest))
  const first = (path: string) => path.split(/[/?]/)[1]
  const wanted = first(pathname.slice(longest))
  const knows = (protocol: Protocol) =>
    protocol.endpoints(ctx).some(({ at }) => first(at.split(' ')[1] ?? '') === wanted)
  const protocol = near.find(knows) ?? near[0] ?? protocols[0]!
  return newPlace(protocol, '')
}

export type Mounted = (message: IncomingMessage, response: ServerResponse) => void

/** Makes one request listener of all protocols. The only place that knows the HTTP framework. */
export function mount(ctx: Context, protocols: readonly Protocol[], observe: Observe): Mounted {
  const { trustedProxies, largeBodies } = ctx.config
  const house: House = {
    ctx,
    trusted: addressList(trustedProxies),
    room: roomOf(largeBodies),
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
