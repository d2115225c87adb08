import { isUtf8 } from 'node:buffer'
import { z } from 'zod'
import type { DecryptedMail, MailSignature } from '#src/domain/mail/mail.ts'
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
  explanation: z.string(),
})

/** What an opened message looks like on the wire. */
export const opened = z.object({
  encrypted: z.boolean(),
  format: z.enum(['pgp-mime', 'pgp-inline', 'signed', 'clearsigned']),
  hasMore: z.boolean().describe('what was neither encrypted nor signed is left out'),
  signatures: z.array(signature),
  messageEncoding: z.enum(['utf-8', 'base64']).describe('base64 when the message is not valid UTF-8'),
  message: z.string(),
})

type Spoken = z.infer<typeof signature>

const explanations: Record<MailSignature['status'], (signer: string) => string> = {
  valid: (signer) => `The signature is good, but its key belongs to ${signer}, who is not the sender of this message.`,
  invalid: () => 'The signature is not good: the message was changed, or somebody else signed it.',
  'unknown-key': () => 'Signed with a key that this server does not know, so nobody can tell who signed it.',
  'key-expired': (signer) => `Signed with a key of ${signer} that had expired by then.`,
  'key-revoked': (signer) => `Signed with a key of ${signer} that has been revoked.`,
}

function explanationOf({ status, signer, matchesSender, source, trusted }: Omit<MailSignature, 'created'>): string {
  if (matchesSender) return `Signed by ${signer}, the sender of this message, and not changed since.`
  if (source === null || trusted) return explanations[status](signer ?? 'somebody else')
  if (status !== 'valid') return explanations[status]('an owner whom nobody has confirmed')
  return `The signature is good, but nobody has confirmed that its key, which is from ${source}, belongs to the sender.`
}

export function spoken({ created, ...known }: MailSignature): Spoken {
  const explanation = explanationOf(known)
  return { ...known, created: created === null ? null : String(Math.floor(created / 1000)), explanation }
}

function* jsonOf({ message, signatures, ...facts }: DecryptedMail): Generator<Uint8Array> {
  const messageEncoding = isUtf8(message) ? 'utf-8' : 'base64'
  const head = { ...facts, signatures: signatures.map(spoken), messageEncoding, message: '' }
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
