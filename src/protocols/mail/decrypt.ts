import { z } from 'zod'
import { decryptMail } from '#src/domain/mail/mail.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { roomForMore } from '#src/http/room.ts'
import { mailAnswer, opened } from './opened.ts'
import { judgeContentType, mailBody, proofOf, sessionQuery } from './request.ts'

// What was as large as a mail may be before it was encrypted: armor adds three eighths at most.
const ARMORED = 1.5

export const decrypt = (mailLimit: number) =>
  endpoint({
    at: 'POST /mail/decrypt',
    what: 'Opens an encrypted or signed message and judges its signatures',
    who: 'a full session',
    takes: 'bytes',
    in: { query: z.strictObject(sessionQuery), body: mailBody },
    out: opened,
    limits: { body: Math.ceil(mailLimit * ARMORED) },
    async does(ctx, { body }, signed, { headers, origin, makeRoom }) {
      judgeContentType(headers)
      const mail = await decryptMail(ctx, { signed, message: body, proof: proofOf(headers), origin })
      await roomForMore(makeRoom, body, mail.message)
      return mailAnswer(mail)
    },
  })
