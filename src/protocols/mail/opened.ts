import { z } from 'zod'
import type { DecryptedMail } from '#src/domain/mail/mail.ts'
import { judged, spokenJudgement } from '#src/http/opened-mail.ts'
import { jsonWithMessage, streamOf } from '#src/http/pieces.ts'

/** What an opened message looks like on the wire. */
export const opened = z.object({
  ...judged,
  messageEncoding: z.enum(['utf-8', 'base64']).describe('base64 when the message is not valid UTF-8'),
  message: z.string(),
})

/** The answer of an opened message. */
export const mailAnswer = (mail: DecryptedMail): Response =>
  new Response(streamOf(jsonWithMessage(spokenJudgement(mail), mail.message)), {
    headers: { 'Content-Type': 'application/json' },
  })
