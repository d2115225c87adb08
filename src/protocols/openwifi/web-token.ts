import { z } from 'zod'
import type { Account } from '#src/domain/accounts/accounts.ts'
import type { Session } from '#src/domain/sessions/sessions.ts'
import { toEpochSeconds } from '#src/lib/clock.ts'

// Reported because the object has the member; a session of tokens does not end by idleness, here or upstream.
const IDLE_TIMEOUT = 300

const aclTemplate = { Delete: true, PortalLogin: true, Read: true, ReadWrite: true, ReadWriteCreate: true }

export const WebToken = z.object({
  access_token: z.string(),
  aclTemplate: z.record(z.string(), z.boolean()),
  created: z.int(),
  errorCode: z.int(),
  expires_in: z.int(),
  idle_timeout: z.int(),
  lastRefresh: z.int(),
  refresh_token: z.string(),
  token_type: z.string(),
  userMustChangePassword: z.boolean(),
  username: z.string(),
})

/** What stands where a token would, when there is none. */
export const noToken: z.output<typeof WebToken> = {
  access_token: '',
  aclTemplate,
  created: 0,
  errorCode: 0,
  expires_in: 0,
  idle_timeout: 0,
  lastRefresh: 0,
  refresh_token: '',
  token_type: '',
  userMustChangePassword: false,
  username: '',
}

/** A session as this protocol shows it. We keep digests only: the tokens come from whoever has them in hand. */
export function webToken(
  session: Session,
  { access, refresh, account }: { access: string; refresh: string; account: Account },
): z.output<typeof WebToken> {
  const issued = Math.max(session.created, session.refreshed)
  return {
    access_token: access,
    aclTemplate,
    // Clients renew when three quarters of the life since `created` are over: it must be the time of this very token.
    created: toEpochSeconds(issued),
    errorCode: 0,
    expires_in: toEpochSeconds(session.expires - issued),
    idle_timeout: IDLE_TIMEOUT,
    lastRefresh: toEpochSeconds(session.refreshed),
    refresh_token: refresh,
    token_type: 'Bearer',
    userMustChangePassword: false,
    username: account.email,
  }
}
