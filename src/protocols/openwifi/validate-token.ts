import { z } from 'zod'
import { Refusal } from '#src/domain/refusals.ts'
import { checkToken, findSession } from '#src/domain/sessions/sessions.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { answerBeingMade } from './hot-path.ts'
import { bearerOf } from './oauth2.ts'
import { UserInfo, userInfo } from './user-info.ts'
import { WebToken, webToken } from './web-token.ts'

export const validateToken = endpoint({
  at: 'GET /validateToken',
  what: 'Whose a token is: one’s own, or anybody’s for administrators and services',
  who: 'a full session',
  in: { query: z.object({ token: z.string().optional() }) },
  out: z.object({ tokenInfo: WebToken, userInfo: UserInfo }),
  async does(ctx, { query }, { account: caller, session: own }, incoming) {
    const { token = '' } = query
    const { origin } = incoming
    const answer = answerBeingMade(ctx, incoming)
    // Asked again behind the version that the answer is kept under: the caller may have been shut out since he came in.
    await findSession(ctx, bearerOf(incoming) ?? '', origin.protocol)
    const found = token === '' ? null : await checkToken(ctx, { caller, token, protocol: origin.protocol })
    if (!found) throw new Refusal('account.unknown')
    const { session, account } = found
    const info = {
      tokenInfo: webToken(session, { access: token, refresh: '', account }),
      userInfo: await userInfo(ctx, account),
    }
    return answer.kept(info, { until: Math.min(session.expires, own.expires), accounts: [account.id, caller.id] })
  },
})
