import { z } from 'zod'
import { Refusal } from '#src/domain/refusals.ts'
import { rememberAnnounced } from '#src/domain/services/services.ts'
import { checkToken } from '#src/domain/sessions/sessions.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { askerUntil } from './callers.ts'
import type { Door } from './doors.ts'
import { answerBeingMade } from './hot-path.ts'
import { UserInfo, userInfo } from './user-info.ts'
import { WebToken, webToken } from './web-token.ts'

export const validateToken = (door: Door) =>
  endpoint({
    at: `GET ${door.validate}`,
    what: 'Whose a token is: one’s own, or anybody’s for administrators and services',
    who: 'a session, key or service',
    in: { query: z.object({ token: z.string().optional() }) },
    out: z.object({ tokenInfo: WebToken, userInfo: UserInfo }),
    async does(ctx, { query }, asker, incoming) {
      const { token = '' } = query
      const answer = answerBeingMade(ctx, asker, incoming)
      // Behind the place in the feed that the answer is kept under.
      const until = await askerUntil(ctx, asker, incoming)
      const found =
        token === '' ? null : await checkToken(ctx, { caller: asker.account, token, protocol: door.protocol })
      if (!found) throw new Refusal('resource.unknown')
      const { session, account } = found
      const info = {
        tokenInfo: webToken(session, { access: token, refresh: '', account }),
        userInfo: await userInfo(ctx, account),
      }
      const remembered = await rememberAnnounced(ctx, { token, accountId: account.id })
      return answer.kept(info, { until: Math.min(session.expires, until, remembered), about: account.id })
    },
  })
