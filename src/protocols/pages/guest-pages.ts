import type { Context } from '#src/context.ts'
import type { Endpoint } from '#src/http/endpoint.ts'
import { anewEndpoints } from './guest-anew.ts'
import { doorEndpoints } from './guest-door.ts'
import { mailEndpoints } from './guest-mail.ts'
import { passwordEndpoints } from './guest-password.ts'

/** What guests read and do in a browser, without script: docs/guest-reader.md. */
export const guestPages = (ctx: Context): Endpoint[] => [
  ...doorEndpoints(ctx),
  ...mailEndpoints,
  ...passwordEndpoints(ctx),
  ...anewEndpoints(ctx),
]
