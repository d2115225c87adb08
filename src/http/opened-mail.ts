import { z } from 'zod'
import type { DecryptedMail } from '#src/domain/mail/mail.ts'
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
