import { corsHeaders, preflight } from '#src/http/cors.ts'
import type { Protocol } from '#src/http/endpoint.ts'
import { jsonAnswer } from '#src/http/json.ts'
import { fault } from '#src/http/mail-refusals.ts'
import { readerCaller } from './caller.ts'
import { doorEndpoints } from './door.ts'
import { forgottenEndpoints } from './forgotten.ts'
import { list, one, original, plain, remove } from './items.ts'
import { password, signOut, whoAmI } from './own.ts'
import { refuse } from './refuse.ts'
import { reply } from './reply.ts'
import { attachment, view } from './showing.ts'

const corsNames = {
  request: 'Authorization, Content-Type, X-Axigen-Session, X-Guest-Auth, X-Key-Password, X-Key-Token',
  answer: 'Allow, Content-Disposition, Retry-After, X-Request-Id',
}

/** The mail of guests, read and answered here: ours, in the manner of /api/v1/mail (docs/guest-reader.md). */
export const guests: Protocol = {
  name: 'guests',
  title: 'Mail of guests, read and answered',
  bases: ['/api/v1'],
  endpoints: (ctx) => [
    ...doorEndpoints(ctx),
    ...forgottenEndpoints(ctx),
    whoAmI,
    list,
    one,
    view,
    attachment,
    original,
    plain,
    remove,
    reply,
    signOut,
    password(ctx),
  ],
  caller: readerCaller,
  json: { requiresType: true },
  reply: (result) => jsonAnswer(result),
  refuse,
  fault,
  headers: (incoming, ctx) => ({
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    ...corsHeaders(incoming, ctx, corsNames),
  }),
  preflight: (incoming, methods, ctx) => preflight(incoming, { ctx, methods, names: corsNames }),
}
