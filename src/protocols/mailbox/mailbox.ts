import { type CorsNames, corsHeaders, preflight } from '#src/http/cors.ts'
import type { Endpoint, Protocol } from '#src/http/endpoint.ts'
import { jsonAnswer } from '#src/http/json.ts'
import { accountEndpoints } from './account-info.ts'
import { activityEndpoints } from './activity.ts'
import { appPasswordEndpoints } from './app-passwords.ts'
import { authenticatorEndpoints } from './authenticators.ts'
import { browserSessionEndpoints } from './browser-session.ts'
import { captchaEndpoints } from './captcha.ts'
import { deviceEndpoints } from './devices.ts'
import { loginEndpoints } from './login.ts'
import { methodEndpoints } from './methods.ts'
import { overviewEndpoints } from './overview.ts'
import { passkeyLoginEndpoints } from './passkey-login.ts'
import { passkeyEndpoints } from './passkeys.ts'
import { passwordEndpoints } from './password.ts'
import { recoverEndpoints } from './recover.ts'
import { fault, Refused, refuse } from './refuse.ts'
import { callerOf } from './session.ts'
import { sessionEndpoints } from './sessions.ts'
import { twoFactorEndpoints } from './two-factor.ts'

const names: CorsNames = {
  request: 'Authorization, Content-Type, X-Axigen-Session, X-Axigen-Security-Token',
  answer: 'Allow, Retry-After, X-Axigen-2FA, X-Captcha-Id, X-Other-Sessions, X-Request-Id',
}

export const endpoints: readonly Endpoint[] = [
  ...accountEndpoints,
  ...passwordEndpoints,
  ...loginEndpoints,
  ...browserSessionEndpoints,
  ...captchaEndpoints,
  ...passkeyLoginEndpoints,
  ...twoFactorEndpoints,
  ...methodEndpoints,
  ...authenticatorEndpoints,
  ...deviceEndpoints,
  ...sessionEndpoints,
  ...activityEndpoints,
  ...overviewEndpoints,
  ...passkeyEndpoints,
  ...appPasswordEndpoints,
  ...recoverEndpoints,
]

/** The account security part of Axigen's Mailbox API (docs/mailbox.md). */
export const mailbox: Protocol = {
  name: 'mailbox',
  title: 'Account security of the Axigen Mailbox API',
  bases: ['/api/v1'],
  endpoints: () => endpoints,
  caller: callerOf,
  elevation: ({ headers }) => headers.get('x-axigen-security-token'),
  described: { session: 'X-Axigen-Session', elevation: 'X-Axigen-Security-Token', refusal: Refused },
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
