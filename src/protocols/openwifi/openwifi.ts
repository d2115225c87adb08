import type { Context } from '#src/context.ts'
import { serviceActor } from '#src/domain/accounts/accounts.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { findSession } from '#src/domain/sessions/sessions.ts'
import type { Asker, Caller, Endpoint, Incoming, Protocol } from '#src/http/endpoint.ts'
import { isSame } from '#src/lib/digests.ts'
import { subscriberDoor, userDoor } from './doors.ts'
import { bearerOf, oauth2 } from './oauth2.ts'
import { fault, refuse } from './refuse.ts'
import { headers, reply } from './reply.ts'
import { user } from './user.ts'
import { users } from './users.ts'
import { validateToken } from './validate-token.ts'

const MAX_AGE = 86_400

function preflight(incoming: Incoming, methods: readonly string[]): Response {
  const asked = incoming.headers.get('access-control-request-headers')
  return new Response(null, {
    status: 200,
    headers: {
      'Access-Control-Allow-Methods': methods.join(', '),
      ...(asked ? { 'Access-Control-Allow-Headers': asked } : {}),
      'Access-Control-Allow-Credentials': 'true',
      'Access-Control-Max-Age': String(MAX_AGE),
      Vary: 'Access-Control-Request-Headers',
    },
  })
}

const spoken = { json: { requiresType: true }, reply, refuse, fault, headers, preflight } as const

async function bearer(ctx: Context, incoming: Incoming): Promise<Caller | null> {
  const token = bearerOf(incoming)
  return token ? findSession(ctx, token, incoming.origin.protocol) : null
}

/** A sibling service, at the internal listener only: any name, and the key of this house. */
async function serviceOrBearer(ctx: Context, incoming: Incoming): Promise<Asker | null> {
  const name = incoming.headers.get('x-internal-name')
  if (name === null) return bearer(ctx, incoming)
  if (!isSame(incoming.headers.get('x-api-key') ?? '', ctx.secrets.internalKey)) throw new Refusal('session.invalid')
  return { account: serviceActor(name.slice(0, 200)), session: null, without: 'service' }
}

/** What is answered at both listeners. */
const everywhere = (ctx: Context): Endpoint[] => [
  ...oauth2(ctx, userDoor),
  users(userDoor),
  ...user(userDoor),
  users(subscriberDoor),
  ...user(subscriberDoor),
  validateToken,
]

const common = { title: 'OpenWiFi security service', bases: ['/api/v1'], ...spoken }

/** The OpenWiFi security service ("owsec"): docs/openwifi.md. */
export const openwifi: Protocol = {
  name: userDoor.protocol,
  endpoints: (ctx) => everywhere(ctx),
  caller: bearer,
  ...common,
}

/** The same for sibling services, at a listener of its own. */
export const openwifiInternal: Protocol = {
  name: userDoor.protocol,
  endpoints: everywhere,
  caller: serviceOrBearer,
  ...common,
}

/** What subscribers do with tokens of their own. */
export const openwifiSubscribers: Protocol = {
  name: subscriberDoor.protocol,
  endpoints: (ctx) => [...oauth2(ctx, subscriberDoor)],
  caller: bearer,
  ...common,
  title: 'OpenWiFi security service: subscribers',
}
