import { z } from 'zod'
import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { allowSigning, endSigning, gatewaySettings, setIncoming } from '#src/domain/gateway/gateway.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { proofOf, sessionQuery } from './request.ts'

const shown = z.object({
  sign: z.boolean().describe('the gateway signs in your name'),
  fingerprint: z.string().nullable().describe('of the key that it signs with'),
  since: z.string().nullable().describe('when that was allowed, seconds since 1970, in decimal'),
  incoming: z.boolean().describe('mail to you is encrypted with your own key when it comes in'),
  house: z.object({
    sign: z.enum(['off', 'asked', 'always']).describe('what the operator has signed'),
    incoming: z.enum(['off', 'chosen', 'all']).describe('whose incoming mail the operator has encrypted'),
  }),
})

async function settingsOf(ctx: Context, account: Account): Promise<z.infer<typeof shown>> {
  const { signing, incoming } = await gatewaySettings(ctx, account)
  return {
    sign: signing !== null,
    fingerprint: signing?.fingerprint ?? null,
    since: signing ? String(Math.floor(signing.since / 1000)) : null,
    incoming,
    house: { sign: ctx.config.gatewaySign, incoming: ctx.config.gatewayIncoming },
  }
}

/** What is left with a session, or made from it, must not turn into a key that the server keeps. */
function passwordOf(headers: Headers): string {
  const proof = proofOf(headers)
  if (proof === 'stored' || !('password' in proof)) throw new Refusal('key.password-missing', { params: ['sign'] })
  return proof.password
}

export const gatewayEndpoints = [
  endpoint({
    at: 'GET /mail/gateway',
    what: 'What the mail gateway may do with your mail',
    who: 'a full session',
    in: { query: z.strictObject(sessionQuery) },
    out: shown,
    does: (ctx, _, { account }) => settingsOf(ctx, account),
  }),
  endpoint({
    at: 'PUT /mail/gateway',
    what: 'Lets the mail gateway sign in your name (with the key password), or no more; has incoming mail encrypted, or no more',
    who: 'a full session',
    in: {
      query: z.strictObject(sessionQuery),
      body: z.strictObject({ sign: z.boolean().optional(), incoming: z.boolean().optional() }),
    },
    out: shown,
    async does(ctx, { body: { sign, incoming } }, signed, { headers, origin }) {
      const { account } = signed
      if (incoming !== undefined) await setIncoming(ctx, { account, isWanted: incoming, origin })
      if (sign === true) await allowSigning(ctx, { signed, password: passwordOf(headers), origin })
      if (sign === false) await endSigning(ctx, account, origin)
      return settingsOf(ctx, account)
    },
  }),
] as const
