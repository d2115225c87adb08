import { z } from 'zod'
import { guestOf } from '#src/domain/guests/guests.ts'
import { replyToItem } from '#src/domain/outgoing/outgoing.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { safeName } from '#src/http/disposition.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { readerProof } from './caller.ts'
import { itemPath } from './items.ts'

// What is read as JSON at one go; base64 makes seven megabytes of files of it.
const REPLY_BYTES = 10 * 1024 * 1024
const FILES_AT_MOST = 20

/** What is no base64 would be passed over, and a file be sent that is not the one that was meant. */
const isBase64 = (text: string): boolean => Buffer.byteLength(text, 'base64') === Buffer.from(text, 'base64').length

const file = z.strictObject({
  name: z.string().max(200),
  type: z.string().max(170).default('application/octet-stream'),
  data: z.string().refine(isBase64).describe('base64'),
})

const fate = z.object({ address: z.string(), how: z.enum(['encrypted', 'guest']) })

export const reply = endpoint({
  at: 'POST /guest/items/{id}/reply',
  what: 'Answers a mail of a guest, encrypted and signed: to who sent it, or to all whom it names and who can read that',
  who: 'a guest',
  takes: 'json',
  in: {
    path: itemPath,
    body: z.strictObject({
      text: z.string().max(1_000_000),
      all: z.boolean().default(false),
      quote: z.boolean().default(false).describe('with the mail that is answered below the text'),
      attachments: z.array(file).max(FILES_AT_MOST).default([]),
      once: z
        .string()
        .regex(/^[\w-]{8,64}$/)
        .optional()
        .describe('of two calls with the same, the second within the hour sends nothing'),
    }),
  },
  out: z.object({
    recipients: z.array(fate),
    item: z.string().describe('id of the copy among the mails of the guest'),
  }),
  limits: { body: REPLY_BYTES },
  async does(ctx, { path: { id }, body }, caller, incoming) {
    const guest = await guestOf(ctx, caller.account.id)
    if (!guest) throw new Refusal('access.denied')
    const { text, all, quote, once } = body
    const files = body.attachments.map(({ name, type, data }) => ({
      name: safeName(name),
      type,
      data: Buffer.from(data, 'base64'),
    }))
    const proof = readerProof(caller, incoming)
    const asked = { signed: caller, guest, proof, id, text, files, all, quote, once, origin: incoming.origin }
    const { recipients, item } = await replyToItem(ctx, asked)
    return { recipients: recipients.map(({ address, how }) => ({ address, how })), item }
  },
})
