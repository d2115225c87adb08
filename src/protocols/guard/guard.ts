import type { Protocol } from '#src/http/endpoint.ts'
import { bringsGuest, guestCallerOf, guestSigned } from '#src/http/guest-proof.ts'
import { judgeSameOrigin } from '#src/http/same-origin.ts'
import { provenSession } from '#src/http/session-proof.ts'
import { reply } from './answers.ts'
import { appSuiteEndpoints } from './app-suite.ts'
import { authTokenEndpoints } from './auth-token.ts'
import { autocryptEndpoints } from './autocrypt.ts'
import { contactFileEndpoints } from './contact-files.ts'
import { contactKeyEndpoints } from './contact-keys.ts'
import { contactEndpoints } from './contacts.ts'
import { exposedEndpoints } from './exposed.ts'
import { externalKeyEndpoints } from './external-keys.ts'
import { guestEndpoints } from './guest.ts'
import { guestLoginEndpoints } from './guest-login.ts'
import { keyPasswordEndpoints } from './key-password.ts'
import { keyProfileEndpoints } from './key-profile.ts'
import { keyEndpoints } from './keys.ts'
import { loginEndpoints } from './login.ts'
import { recipientKeyEndpoints } from './recipient-keys.ts'
import { fault, refuse } from './refuse.ts'

/**
 * The OX Guard API 2.10.2. It hangs on four bases, because proxies in front of it strip the prefix, or call it by an
 * older name, or do neither.
 */
export const guard: Protocol = {
  name: 'guard',
  title: 'OX Guard 2.10.2, and the App Suite sign-in that it stands on',
  bases: ['/appsuite/api', '/api', '/ajax', ''],
  endpoints: (ctx) => [
    ...appSuiteEndpoints(ctx),
    ...loginEndpoints,
    ...keyPasswordEndpoints,
    ...keyProfileEndpoints,
    ...keyEndpoints,
    ...externalKeyEndpoints,
    ...autocryptEndpoints,
    ...authTokenEndpoints,
    ...contactEndpoints,
    ...contactFileEndpoints,
    ...contactKeyEndpoints,
    ...recipientKeyEndpoints,
    ...guestLoginEndpoints(ctx),
    ...guestEndpoints(ctx),
    ...exposedEndpoints,
  ],
  async caller(ctx, incoming) {
    const { url, headers } = incoming
    // Ours name their session in a header: a query ends up in logs.
    const handle = url.searchParams.get('session') || headers.get('x-axigen-session') || ''
    if (handle === '' && bringsGuest(ctx, { headers })) {
      // A cookie that is enough alone is sent by a browser for whoever asks it to.
      judgeSameOrigin(ctx, incoming)
      return guestCallerOf(ctx, { headers })
    }
    const signed = await provenSession(ctx, { handle, headers, protocols: ['guard', 'mailbox', 'openwifi', 'guest'] })
    return signed.session.protocol === 'guest' ? guestSigned(ctx, signed) : signed
  },
  json: { requiresType: false },
  reply,
  refuse,
  fault,
  headers: () => ({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }),
}
