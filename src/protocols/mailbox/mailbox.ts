import { type CorsNames, corsHeaders, preflight } from '#src/http/cors.ts'
import type { Protocol } from '#src/http/endpoint.ts'
import { jsonAnswer } from '#src/http/json.ts'
import { loginEndpoints } from './login.ts'
import { methodEndpoints } from './methods.ts'
import { fault, refuse } from './refuse.ts'
import { callerOf } from './session.ts'
import { twoFactorEndpoints } from './two-factor.ts'

const names: CorsNames = {
  request: 'Authorization, Content-Type, X-Axigen-Session, X-Axigen-Security-Token',
  answer: 'Allow, Retry-After, X-Axigen-2FA, X-Request-Id',
}

const endpoints = [...loginEndpoints, ...twoFactorEndpoints, ...methodEndpoints]

/** The account security part of Axigen's Mailbox API (docs/mailbox.md). */
export const mailbox: Protocol = {
  name: 'mailbox',
  title: 'Account security of the Axigen Mailbox API',
  bases: ['/api/v1'],
  endpoints: () => endpoints,
  caller: callerOf,
  elevation: ({ headers }) => headers.get('x-axigen-security-token'),
  json: { requiresType: false },
  // An empty success has no JSON type: a client that then tries to parse it would fail.
  reply: (result) => (result === undefined ? new Response(null) : jsonAnswer(result)),
  refuse,
  fault,
  headers: (incoming, ctx) => ({
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...corsHeaders(incoming, ctx, names),
  }),
  preflight: (incoming, methods, ctx) => preflight(incoming, { ctx, methods, names }),
}
