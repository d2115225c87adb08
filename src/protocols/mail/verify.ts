import { z } from 'zod'
import { verifyMail } from '#src/domain/mail/mail.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { mailAnswer, opened } from './opened.ts'
import { judgeContentType, mailBody, sessionQuery } from './request.ts'

// Signing makes text safe for its way, which may treble it.
const SIGNED = 1.5

export const verify = (mailLimit: number) =>
  endpoint({
    at: 'POST /mail/verify',
    what: 'Judges the signatures of a message that is signed and not encrypted; needs no key',
    who: 'a full session',
    takes: 'bytes',
    in: { query: z.strictObject(sessionQuery), body: mailBody },
    out: opened,
    limits: { body: Math.ceil(mailLimit * SIGNED) },
    async does(ctx, { body }, signed, { headers, origin }) {
      judgeContentType(headers)
      return mailAnswer(await verifyMail(ctx, { signed, message: body, origin }))
    },
  })
