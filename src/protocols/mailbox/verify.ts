import { isIP } from 'node:net'
import { z } from 'zod'
import { serviceActor } from '#src/domain/accounts/accounts.ts'
import { programScopes } from '#src/domain/programs/programs.ts'
import type { Refusal } from '#src/domain/refusals.ts'
import { judgeMailServer } from '#src/domain/services/services.ts'
import { type Verdict, verifySignIn } from '#src/domain/sessions/sessions.ts'
import { credentialsOf } from '#src/http/credentials.ts'
import { endpoint, type Incoming, type Protocol } from '#src/http/endpoint.ts'
import { jsonAnswer } from '#src/http/json.ts'
import { networkOf } from '#src/http/limits.ts'
import { plainAddress } from '#src/lib/mail-address.ts'
import { fault, refuse } from './refuse.ts'

// A mail server tells what it speaks; a mail that is handed in is that, by whichever of its two names.
const spokenProtocol = z
  .enum([...programScopes, 'submission'])
  .transform((one) => (one === 'submission' ? 'smtp' : one))

const question = z
  .strictObject({
    address: z.string(),
    password: z.string().optional(),
    accessToken: z.string().optional(),
    protocol: spokenProtocol,
    // Empty where the mail server does not know it either.
    clientAddress: z
      .string()
      .refine((text) => text === '' || isIP(text) !== 0)
      .default(''),
  })
  .refine(({ password, accessToken }) => (password === undefined) !== (accessToken === undefined), {
    path: ['password'],
  })

const Decision = z.object({
  decision: z.enum(['allow', 'deny']),
  /** the account's own address, where the one that was given is another of its addresses */
  address: z.string(),
  accountId: z.string(),
  by: z.enum(['password', 'app-password', 'access-token', '']),
  reason: z.enum([
    '',
    'credentials',
    'throttled',
    'scope',
    'second-factor',
    'password-change',
    'suspended',
    'unconfirmed',
  ]),
  retryAfter: z.number().optional(),
})

function decisionOf(verdict: Verdict, address: string): z.output<typeof Decision> {
  if (verdict.account) {
    const { account, by } = verdict
    return { decision: 'allow', address: account.email, accountId: account.id, by, reason: '' }
  }
  const { denial: reason, retryAfter } = verdict
  // Nothing that a known address has and an unknown one has not.
  const told = { decision: 'deny', address: plainAddress(address), accountId: '', by: '', reason } as const
  return retryAfter === undefined ? told : { ...told, retryAfter }
}

export const verify = endpoint({
  at: 'POST /auth/verify',
  what: 'May somebody sign in at a mail server? Asked by the server itself, with its key',
  who: 'a service',
  takes: 'json or form',
  in: { query: z.strictObject({}), body: question },
  out: Decision,
  limits: { body: 16_384 },
  async does(ctx, { body }, _caller, incoming) {
    const { address, password, accessToken = '', protocol, clientAddress } = body
    const network = clientAddress === '' ? incoming.origin.network : networkOf(clientAddress)
    const verdict = await verifySignIn(ctx, {
      address,
      secret: password === undefined ? { accessToken } : { password },
      protocol,
      origin: { protocol, network, agent: incoming.origin.agent },
    })
    return decisionOf(verdict, address)
  },
})

function keyOf({ headers }: Incoming): string | null {
  const credentials = credentialsOf(headers)
  return headers.get('x-api-key') ?? (credentials && 'token' in credentials ? credentials.token : null)
}

/** Whoever asks here has no session to open, but a key that is missing or wrong. */
function refuseServer(refusal: Refusal): Response {
  if (refusal.reason !== 'session.missing' && refusal.reason !== 'session.invalid') return refuse(refusal)
  const errorMessage = 'The key of a mail server is required, as X-API-KEY or Bearer: CHATELAINE_MAIL_SERVER_KEY has it'
  return jsonAnswer({ errorCode: 'AUTH_REQUIRED', errorMessage }, { status: 401 })
}

/** What mail servers ask (docs/mail-servers.md), in the words of the mailbox protocol; no browser has a call here. */
export const mailServers: Protocol = {
  name: 'mail-servers',
  title: 'Sign-ins at mail servers',
  bases: ['/api/v1'],
  endpoints: () => [verify],
  async caller(ctx, incoming) {
    await judgeMailServer(ctx, keyOf(incoming), incoming.origin)
    return { account: serviceActor('mail server'), session: null, without: 'service' }
  },
  json: { requiresType: false },
  reply: (result) => jsonAnswer(result),
  refuse: refuseServer,
  fault,
  headers: () => ({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }),
}
