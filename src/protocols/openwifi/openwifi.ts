import { findSession } from '#src/domain/sessions/sessions.ts'
import type { Incoming, Protocol } from '#src/http/endpoint.ts'
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

/** The OpenWiFi security service ("owsec"): docs/openwifi.md. */
export const openwifi: Protocol = {
  name: 'openwifi',
  title: 'OpenWiFi security service',
  bases: ['/api/v1'],
  endpoints: (ctx) => [...oauth2(ctx), users, ...user, validateToken],
  async caller(ctx, incoming) {
    const token = bearerOf(incoming)
    return token ? findSession(ctx, token, 'openwifi') : null
  },
  json: { requiresType: true },
  reply,
  refuse,
  fault,
  headers,
  preflight,
}
