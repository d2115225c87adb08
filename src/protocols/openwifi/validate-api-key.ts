import { z } from 'zod'
import { Refusal } from '#src/domain/refusals.ts'
import { rememberAnnounced } from '#src/domain/services/services.ts'
import { checkApiKey } from '#src/domain/sessions/sessions.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { toEpochSeconds } from '#src/lib/clock.ts'
import { askerUntil } from './callers.ts'
import { answerBeingMade } from './hot-path.ts'
import { UserInfo, userInfo } from './user-info.ts'
import { noToken, WebToken } from './web-token.ts'

// Some siblings write path and parameter with other capitals: each spelling is known at both.
const validate = (path: '/validateApiKey' | '/validateAPIKey') =>
  endpoint({
    at: `GET ${path}`,
    what: 'Whose an API key is: one’s own, or anybody’s for administrators and services',
    who: 'a session, key or service',
    in: { query: z.object({ apikey: z.string().optional(), apiKey: z.string().optional() }) },
    out: z.object({ expiresOn: z.int(), tokenInfo: WebToken, userInfo: UserInfo }),
    async does(ctx, { query }, asker, incoming) {
      const value = query.apikey ?? query.apiKey ?? ''
      if (value === '') throw new Refusal('resource.unknown')
      const answer = answerBeingMade(ctx, asker, incoming)
      // Behind the place in the feed that the answer is kept under.
      const until = await askerUntil(ctx, asker, incoming)
      const { account, expires, noted } = await checkApiKey(ctx, { caller: asker.account, value })
      const info = { expiresOn: toEpochSeconds(expires), tokenInfo: noToken, userInfo: await userInfo(ctx, account) }
      const remembered = await rememberAnnounced(ctx, { token: value, accountId: account.id })
      return answer.kept(info, { until: Math.min(expires, noted, until, remembered), about: account.id })
    },
  })

export const validateApiKey = [validate('/validateApiKey'), validate('/validateAPIKey')]
