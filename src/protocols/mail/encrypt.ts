import { z } from 'zod'
import { encryptMail } from '#src/domain/mail/mail.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { messageAnswer } from './message-answer.ts'
import { judgeContentType, mailBody, optionsOf, optionsQuery, proofOf, sessionQuery, truth } from './request.ts'

export const encrypt = (mailLimit: number) =>
  endpoint({
    at: 'POST /mail/encrypt',
    what: 'Encrypts a whole message for everybody it goes to, or for oneself, and signs it if asked to; answers the message',
    who: 'a full session',
    takes: 'bytes',
    in: {
      query: z.strictObject({
        ...sessionQuery,
        ...optionsQuery,
        sign: truth.default('false'),
        for: z.enum(['recipients', 'self']).default('recipients'),
      }),
      body: mailBody,
    },
    limits: { body: mailLimit },
    async does(ctx, { query, body }, signed, { headers, origin }) {
      judgeContentType(headers)
      const options = optionsOf(query)
      const how = { sign: query.sign === 'true', for: query.for, options }
      return messageAnswer(await encryptMail(ctx, { signed, message: body, ...how, proof: proofOf(headers), origin }))
    },
  })
