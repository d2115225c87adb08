import { callerOf } from '#src/http/any-session.ts'
import { corsHeaders, preflight } from '#src/http/cors.ts'
import type { Protocol } from '#src/http/endpoint.ts'
import { jsonAnswer } from '#src/http/json.ts'
import { fault } from '#src/http/mail-refusals.ts'
import { decrypt } from './decrypt.ts'
import { encrypt } from './encrypt.ts'
import { files } from './files.ts'
import { gatewayEndpoints } from './gateway-settings.ts'
import { guestsList } from './guests-list.ts'
import { plan } from './plan.ts'
import { refuse } from './refuse.ts'
import { send } from './send.ts'
import { sign } from './sign.ts'
import { verify } from './verify.ts'
import { view } from './view.ts'

const corsNames = {
  request: 'Authorization, Content-Type, X-Axigen-Session, X-Guest-Greeting, X-Key-Password, X-Key-Token',
  answer: 'Allow, Content-Disposition, Retry-After, X-Request-Id, X-Signature-Count, X-Signatures',
}

/** Whole messages, encrypted and opened: ours, in the manner of the mailbox protocol (docs/mail.md). */
export const mail: Protocol = {
  name: 'mail',
  title: 'Encrypting and opening whole messages',
  bases: ['/api/v1'],
  endpoints: ({ config: { mailLimit } }) => [
    encrypt(mailLimit),
    sign(mailLimit),
    decrypt(mailLimit),
    verify(mailLimit),
    view(mailLimit),
    ...files(mailLimit),
    plan,
    send(mailLimit),
    guestsList,
    ...gatewayEndpoints,
  ],
  caller: callerOf,
  json: { requiresType: false },
  reply: (result) => jsonAnswer(result),
  refuse,
  fault,
  headers: (incoming, ctx) => ({
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...corsHeaders(incoming, ctx, corsNames),
  }),
  preflight: (incoming, methods, ctx) => preflight(incoming, { ctx, methods, names: corsNames }),
}
