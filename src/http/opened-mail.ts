import { z } from 'zod'
import type { DecryptedMail } from '#src/domain/mail/mail.ts'
import type { Mailbox } from '#src/lib/mime/mailboxes.ts'
import type { Attachment, MailView } from '#src/lib/mime/view.ts'
import { safeName } from './disposition.ts'
import { wholeExplanation } from './explanations.ts'
import { signature, spoken } from './spoken-signature.ts'

const header = z.object({
  name: z.string().describe('in lower case'),
  protection: z.enum(['signed-and-encrypted', 'signed', 'encrypted', 'none']),
  changed: z.boolean().describe('what stands outside is not what the author put there'),
})

/** What is said of an opened message besides its content. */
export const judged = {
  encrypted: z.boolean(),
  format: z.enum(['pgp-mime', 'pgp-inline', 'signed', 'clearsigned']),
  hasMore: z.boolean().describe('what was neither encrypted nor signed is left out'),
  verification: z.object({
    result: z.enum(['good', 'partly', 'other', 'bad', 'unknown', 'none']),
    explanation: z.string(),
  }),
  protectedHeaders: z.array(header).describe('the fields of the header that stood inside as well (RFC 9788)'),
  signatures: z.array(signature),
}

/** It, on the wire. */
export function spokenJudgement(mail: Omit<DecryptedMail, 'message'>): z.infer<z.ZodObject<typeof judged>> {
  const { encrypted, format, hasMore, protectedHeaders, signatures } = mail
  const verification = { result: mail.verification, explanation: wholeExplanation(mail) }
  return { encrypted, format, hasMore, verification, protectedHeaders, signatures: signatures.map(spoken) }
}

const people = z.array(z.object({ address: z.string(), name: z.string() }))

/** What people are shown of a readable message. */
export const shown = {
  headers: z.object({
    from: people,
    to: people,
    cc: people,
    date: z.string().nullable().describe('seconds since 1970, in decimal'),
    subject: z.string(),
  }),
  blockedRemoteContent: z.boolean().describe('the mail wanted something from elsewhere, which is left out'),
  isWhole: z.boolean().describe('false: the mail has more parts, or more text, than are shown here'),
  text: z.string(),
  html: z
    .string()
    .describe('what stands between the tags of a body; without script, style sheets, forms and whatever is remote'),
}

export const attached = { index: z.int(), name: z.string(), type: z.string(), bytes: z.int() }

const boxes = (all: readonly Mailbox[]) => all.map(({ address, name }) => ({ address, name }))

/** It, on the wire, but for its long texts. */
export function spokenView({ header, isRemoteLeftOut, isWhole }: MailView) {
  const { from, to, cc, date, subject } = header
  return {
    headers: {
      from: boxes(from),
      to: boxes(to),
      cc: boxes(cc),
      date: date === null ? null : String(Math.floor(date / 1000)),
      subject,
    },
    blockedRemoteContent: isRemoteLeftOut,
    isWhole,
  }
}

/** Under a name that is safe to save it under. */
export const spokenAttachment = (one: Attachment): Attachment => ({ ...one, name: safeName(one.name) })
