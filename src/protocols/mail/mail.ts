import { corsHeaders, preflight } from '#src/http/cors.ts'
import type { Protocol } from '#src/http/endpoint.ts'
import { jsonAnswer } from '#src/http/json.ts'
import { decrypt } from './decrypt.ts'
import { encrypt } from './encrypt.ts'
import { fault, refuse } from './refuse.ts'
import { callerOf } from './session.ts'

const corsNames = {
  request: 'Authorization, Content-Type, X-Axigen-Session, X-Key-Password, X-Key-Token',
  answer: 'Allow, Retry-After, X-Request-Id',
}

/** Whole messages, encrypted and opened: ours, in the manner of the mailbox protocol (docs/mail.md). */
export const mail: Protocol = {
  name: 'mail',
  title: 'Encrypting and opening whole messages',
  bases: ['/api/v1'],
  endpoints: ({ config }) => [encrypt(config.mailLimit), decrypt(config.mailLimit)],
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
