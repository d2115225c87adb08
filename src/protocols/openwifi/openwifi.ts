import type { Context } from '#src/context.ts'
import type { Endpoint, Incoming, Protocol } from '#src/http/endpoint.ts'
import { actionLink } from './action-link.ts'
import { apiKey } from './api-key.ts'
import { avatar } from './avatar.ts'
import { byKeyOrToken, byServiceOrToken, byToken } from './callers.ts'
import { subscriberDoor, userDoor } from './doors.ts'
import { email } from './email.ts'
import { logSocketHint } from './log-socket.ts'
import { oauth2 } from './oauth2.ts'
import { preferences } from './preferences.ts'
import { fault, refuse } from './refuse.ts'
import { headers, reply } from './reply.ts'
import { securityProfiles } from './security-profiles.ts'
import { signup } from './signup.ts'
import { sms } from './sms.ts'
import { subMfa } from './sub-mfa.ts'
import { system } from './system.ts'
import { systemConfiguration } from './system-configuration.ts'
import { heartbeat, systemServiceLists } from './system-endpoints.ts'
import { systemSecret } from './system-secret.ts'
import { totp } from './totp.ts'
import { user } from './user.ts'
import { users } from './users.ts'
import { validateApiKey } from './validate-api-key.ts'
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

/** What is answered at both listeners. */
const everywhere = (ctx: Context): Endpoint[] => [
  ...oauth2(ctx, userDoor),
  users(userDoor),
  ...user(userDoor),
  users(subscriberDoor),
  ...user(subscriberDoor),
  validateToken(userDoor),
  validateToken(subscriberDoor),
  ...validateApiKey,
  ...avatar(ctx, userDoor),
  ...preferences(userDoor),
  email,
  sms,
  ...totp(userDoor),
  securityProfiles,
  ...actionLink(ctx),
  signup,
  ...system,
  ...systemConfiguration,
  ...systemServiceLists,
  ...systemSecret,
]

const common = { title: 'OpenWiFi security service', bases: ['/api/v1'], ...spoken }

/** The OpenWiFi security service ("owsec"): docs/openwifi.md. */
export const openwifi: Protocol = {
  name: userDoor.protocol,
  endpoints: (ctx) => [...everywhere(ctx), ...apiKey, logSocketHint],
  caller: byKeyOrToken,
  ...common,
}

/** The same for sibling services, at a listener of its own. */
export const openwifiInternal: Protocol = {
  name: userDoor.protocol,
  endpoints: (ctx) => [...everywhere(ctx), ...heartbeat],
  caller: byServiceOrToken,
  ...common,
}

/** What subscribers do with tokens of their own. */
export const openwifiSubscribers: Protocol = {
  name: subscriberDoor.protocol,
  endpoints: (ctx) => [
    ...oauth2(ctx, subscriberDoor),
    ...avatar(ctx, subscriberDoor),
    ...preferences(subscriberDoor),
    ...totp(subscriberDoor),
    ...subMfa,
  ],
  caller: byToken,
  ...common,
  title: 'OpenWiFi security service: subscribers',
}
