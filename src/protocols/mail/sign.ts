import { z } from 'zod'
import { signMail } from '#src/domain/mail/mail.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { messageAnswer } from './message-answer.ts'
import { judgeContentType, mailBody, optionsOf, optionsQuery, proofOf, sessionQuery } from './request.ts'

export const sign = (mailLimit: number) =>
  endpoint({
    at: 'POST /mail/sign',
    what: 'Signs a whole message, which everybody can read; answers the message',
    who: 'a full session',
    takes: 'bytes',
    in: { query: z.strictObject({ ...sessionQuery, ...optionsQuery }), body: mailBody },
    limits: { body: mailLimit },
    async does(ctx, { query, body }, signed, { headers, origin }) {
      judgeContentType(headers)
      const options = optionsOf(query)
      return messageAnswer(await signMail(ctx, { signed, message: body, options, proof: proofOf(headers), origin }))
    },
  })
