import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import type { DecryptedMail, MailSignature } from '#src/domain/mail/mail.ts'
import { explanationOf, wholeExplanation } from './explanations.ts'
import { piecesOf, streamOf } from './pieces.ts'

export const signature = z.object({
  keyId: z.string(),
  fingerprint: z.string().nullable(),
  status: z.enum(['valid', 'invalid', 'unknown-key', 'key-expired', 'key-revoked']),
  signer: z.string().nullable(),
  created: z.string().nullable().describe('seconds since 1970, in decimal'),
  matchesSender: z.boolean().describe('valid, and made with the key of the address in From'),
  source: z.string().nullable().describe('where the key comes from, as in keySources; null for one that nobody has'),
  trusted: z.boolean().describe('that source counts as telling whose key it is'),
  keyExpired: z.string().nullable().describe('of a valid one: when its key expired since, in seconds since 1970'),
  explanation: z.string(),
})

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

const seconds = (time: number | null): string | null => (time === null ? null : String(Math.floor(time / 1000)))

/** A judged signature on the wire. */
export const spoken = ({ created, keyExpired, ...known }: MailSignature): z.infer<typeof signature> => ({
  ...known,
  created: seconds(created),
  keyExpired: seconds(keyExpired),
  explanation: explanationOf({ ...known, keyExpired }),
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
