import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { looksAfter, mayList } from '#src/domain/accounts/accounts.ts'
import { mayOperate } from '#src/domain/operating.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { endpoint, type Incoming } from '#src/http/endpoint.ts'
import { judgeSameOrigin } from '#src/http/same-origin.ts'
import { areCookiesSecure, cookieHeader, cookiesOf, provenSession } from '#src/http/session-proof.ts'
import { handleOf } from './session.ts'
import { noBody, query } from './shapes.ts'

/** Of which session a browser's pages are: not worth anything without the cookie of that session beside it. */
const cookieName = (ctx: Context): string => `${areCookiesSecure(ctx) ? '__Host-' : ''}mailbox-session`

function sendCookie(ctx: Context, { answer }: Incoming, { value, maxAge }: { value: string; maxAge: number }): void {
  answer.append('Set-Cookie', cookieHeader({ name: cookieName(ctx), value, maxAge, secure: areCookiesSecure(ctx) }))
}

const keep = endpoint({
  at: 'PUT /session',
  what: 'Have the browser keep, where no script reads it, of which session its pages are',
  who: 'any session',
  takes: 'json',
  in: { query, body: noBody },
  does: async (ctx, _input, _caller, incoming) =>
    sendCookie(ctx, incoming, { value: handleOf(incoming), maxAge: ctx.config.sessionLifetime }),
})

const Kept = z.object({
  session: z
    .object({
      sessid: z.string(),
      state: z.string(),
      account: z.object({
        id: z.string(),
        address: z.string(),
        name: z.string(),
        role: z.string(),
        population: z.string(),
        language: z.string(),
        twoFactorAuthConfigured: z.boolean(),
      }),
      may: z
        .object({ people: z.boolean(), guests: z.boolean(), house: z.boolean() })
        .describe('what of the administration is open to the account once nothing stands before its session'),
    })
    .nullable(),
})

const show = endpoint({
  at: 'GET /session',
  what: 'Of which session the pages of this browser are, and whose it is; null where nobody is signed in',
  who: 'anyone',
  in: { query },
  out: Kept,
  async does(ctx, _input, _caller, incoming): Promise<z.output<typeof Kept>> {
    // What it tells is enough for a page to act by: a page of somebody else must not be told.
    judgeSameOrigin(ctx, incoming)
    const handle = cookiesOf(incoming.headers).get(cookieName(ctx))
    if (handle === undefined) return { session: null }
    try {
      const { headers } = incoming
      const { session, account } = await provenSession(ctx, { handle, headers, protocols: ['mailbox'] })
      const { id, email: address, name, role, population, locale: language } = account
      const twoFactorAuthConfigured = account.two_step === 1
      const shown = { id, address, name, role, population, language, twoFactorAuthConfigured }
      const may = { people: looksAfter(account), guests: mayList(account, 'guest'), house: mayOperate(account) }
      return { session: { sessid: handle, state: session.state, account: shown, may } }
    } catch (error) {
      if (!isRefusal(error)) throw error
      sendCookie(ctx, incoming, { value: '', maxAge: 0 })
      return { session: null }
    }
  },
})

export const browserSessionEndpoints = [keep, show]
