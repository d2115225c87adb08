import { z } from 'zod'
import { viewMail } from '#src/domain/mail/mail.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { attached, judged, shown, spokenAttachment, spokenJudgement, spokenView } from '#src/http/opened-mail.ts'
import { jsonWithFiles, streamOf } from '#src/http/pieces.ts'
import { roomForMore } from '#src/http/room.ts'
import { judgeContentType, mailBody, proofOf, sessionQuery } from './request.ts'

// As for decrypting.
const ARMORED = 1.5

const viewed = z.object({
  ...judged,
  ...shown,
  isHtml: z.boolean().describe('the mail brought HTML of its own; else it was made of the text'),
  attachments: z.array(z.object({ ...attached, data: z.string().describe('base64') })),
})

export const view = (mailLimit: number) =>
  endpoint({
    at: 'POST /mail/view',
    what: 'Opens an encrypted or signed message, and answers what people are shown of it: text, harmless HTML, attachments',
    who: 'a full session',
    takes: 'bytes',
    in: { query: z.strictObject(sessionQuery), body: mailBody },
    out: viewed,
    limits: { body: Math.ceil(mailLimit * ARMORED) },
    async does(ctx, { body }, signed, { headers, origin, makeRoom }) {
      judgeContentType(headers)
      const { mail, view, files } = await viewMail(ctx, { signed, message: body, proof: proofOf(headers), origin })
      const { text, html, isHtml } = view
      await roomForMore(makeRoom, body, [text, html, ...files])
      const facts = { ...spokenJudgement(mail), ...spokenView(view), isHtml }
      const attachments = view.attachments.map((one, at) => ({
        about: spokenAttachment(one),
        data: files[at]!,
      }))
      const pieces = jsonWithFiles(facts, { texts: { text, html }, name: 'attachments', files: attachments })
      return new Response(streamOf(pieces), { headers: { 'Content-Type': 'application/json' } })
    },
  })
