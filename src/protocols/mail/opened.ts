import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import type { DecryptedMail } from '#src/domain/mail/mail.ts'
import { wholeExplanation } from '#src/http/explanations.ts'
import { piecesOf, streamOf } from '#src/http/pieces.ts'
import { signature, spoken } from '#src/http/spoken-signature.ts'

const header = z.object({
  name: z.string().describe('in lower case'),
  protection: z.enum(['signed-and-encrypted', 'signed', 'encrypted', 'none']),
  changed: z.boolean().describe('what stands outside is not what the author put there'),
})

/** What an opened message looks like on the wire. */
export const opened = z.object({
  encrypted: z.boolean(),
  format: z.enum(['pgp-mime', 'pgp-inline', 'signed', 'clearsigned']),
  hasMore: z.boolean().describe('what was neither encrypted nor signed is left out'),
  verification: z.object({
    result: z.enum(['good', 'partly', 'other', 'bad', 'unknown', 'none']),
    explanation: z.string(),
  }),
  protectedHeaders: z.array(header).describe('the fields of the header that stood inside as well (RFC 9788)'),
  signatures: z.array(signature),
  messageEncoding: z.enum(['utf-8', 'base64']).describe('base64 when the message is not valid UTF-8'),
  message: z.string(),
})

function* jsonOf({ message, signatures, verification, fromDiffers, ...facts }: DecryptedMail): Generator<Uint8Array> {
  const messageEncoding = isUtf8(message) ? 'utf-8' : 'base64'
  const { encrypted, format, hasMore, protectedHeaders } = facts
  const amounts = {
    result: verification,
    explanation: wholeExplanation({ ...facts, verification, signatures, fromDiffers }),
  }
  const about = { encrypted, format, hasMore, verification: amounts, protectedHeaders }
  const head = { ...about, signatures: signatures.map(spoken), messageEncoding, message: '' }
  const encoder = new TextEncoder()
  yield encoder.encode(JSON.stringify(head).slice(0, -'"}'.length))
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  for (const piece of piecesOf(message))
    yield messageEncoding === 'base64'
      ? encoder.encode(Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('base64'))
      : encoder.encode(JSON.stringify(decoder.decode(piece, { stream: true })).slice(1, -1))
  yield encoder.encode('"}')
}

/** The answer of an opened message. */
export const mailAnswer = (mail: DecryptedMail): Response =>
  new Response(streamOf(jsonOf(mail)), { headers: { 'Content-Type': 'application/json' } })
