import { z } from 'zod'
import { signUp } from '#src/domain/recovery/recovery.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { text } from './input.ts'
import { complaint } from './refuse.ts'
import { UserInfo, userInfo } from './user-info.ts'

// A provisioning service signs up whole batches.
const PER_SECOND = 100

/** A provisioning service has somebody become a subscriber; he completes it by a link in a mail. */
export const signup = endpoint({
  at: 'POST /signup',
  what: 'Make a subscriber, who completes his sign-up by a link in a mail',
  who: 'a session, key or service',
  in: { query: z.object({ email: text(), signupUUID: text(), owner: text(), operatorName: text() }) },
  out: UserInfo,
  limits: { perSecond: PER_SECOND },
  async does(ctx, { query }, { account: caller }, { origin }) {
    const { email, signupUUID, owner, operatorName } = query
    if (!email || !signupUUID || !owner || !operatorName) throw complaint(1018)
    const wanted = { email, owner, signingUp: `${operatorName}:${signupUUID}` }
    return userInfo(ctx, await signUp(ctx, { caller, wanted, origin }))
  },
})
