import { z } from 'zod'
import { type ListedItem, listItems, openItem, originalOf, plainMail, removeItem } from '#src/domain/guests/guests.ts'
import { dispositionOf, safeName } from '#src/http/disposition.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { attached, judged, shown, spokenAttachment, spokenJudgement, spokenView } from '#src/http/opened-mail.ts'
import { jsonWithTexts, piecesOf, streamOf } from '#src/http/pieces.ts'
import { readerProof } from './caller.ts'
import { seconds, sessionQuery } from './inputs.ts'

const MOST = 200

const person = z.object({ address: z.string(), name: z.string() })
const time = z.string().describe('seconds since 1970, in decimal')

const item = z.object({
  id: z.string(),
  kind: z.enum(['received', 'sent']),
  from: person,
  subject: z.string(),
  date: time,
  bytes: z.int().describe('of the encrypted mail'),
  expires: time.describe('when it is removed, in seconds since 1970'),
  opened: z.boolean(),
})

const spoken = ({ date, expires, ...known }: ListedItem): z.infer<typeof item> => ({
  ...known,
  date: seconds(date),
  expires: seconds(expires),
})

export const itemPath = z.object({ id: z.string().max(64) })

export const list = endpoint({
  at: 'GET /guest/items',
  what: 'The mails of a guest, the newest first: what stands outside of their encryption',
  who: 'full or guest',
  in: {
    query: z.strictObject({
      ...sessionQuery,
      limit: z.coerce.number().int().min(1).max(MOST).default(50),
      before: z.string().max(100).optional().describe('the next of the page before'),
    }),
  },
  out: z.object({ items: z.array(item), next: z.string().nullable() }),
  async does(ctx, { query: { limit, before } }, { account }) {
    const { items, next } = await listItems(ctx, { accountId: account.id, before, most: limit })
    return { items: items.map(spoken), next }
  },
})

const opened = z.object({
  ...item.shape,
  ...judged,
  ...shown,
  attachments: z.array(z.object(attached)),
})

export const one = endpoint({
  at: 'GET /guest/items/{id}',
  what: 'Opens a mail of a guest: what it says, what comes with it, and what its signatures are worth',
  who: 'full or guest',
  in: { path: itemPath, query: z.strictObject(sessionQuery) },
  out: opened,
  async does(ctx, { path: { id } }, caller, incoming) {
    const proof = readerProof(caller, incoming)
    const { item, mail, view } = await openItem(ctx, { signed: caller, id, proof, origin: incoming.origin })
    const facts = {
      ...spoken({ ...item, opened: true }),
      ...spokenJudgement(mail),
      ...spokenView(view),
      attachments: view.attachments.map(spokenAttachment),
    }
    const { text, html } = view
    return new Response(streamOf(jsonWithTexts(facts, { text, html })), {
      headers: { 'Content-Type': 'application/json' },
    })
  },
})

const fileHeaders = (type: string, name: string, length: number): Record<string, string> => ({
  'Content-Type': type,
  'Content-Length': String(length),
  'Content-Disposition': dispositionOf(safeName(name)),
  'Content-Security-Policy': "default-src 'none'; sandbox",
})

export const original = endpoint({
  at: 'GET /guest/items/{id}/original',
  what: 'A mail of a guest as it is kept, encrypted; needs no key',
  who: 'full or guest',
  in: { path: itemPath, query: z.strictObject(sessionQuery) },
  async does(ctx, { path: { id } }, { account }) {
    const { item, bytes, pieces } = await originalOf(ctx, { accountId: account.id, id })
    const headers = fileHeaders('message/rfc822', `${item.subject.slice(0, 60)}.eml`, bytes)
    return new Response(streamOf(pieces), { headers })
  },
})

export const plain = endpoint({
  at: 'GET /guest/items/{id}/plain',
  what: 'The readable mail as a file, to be kept where its reader keeps it',
  who: 'full or guest',
  in: { path: itemPath, query: z.strictObject(sessionQuery) },
  async does(ctx, { path: { id } }, caller, incoming) {
    const proof = readerProof(caller, incoming)
    const { item, mail } = await plainMail(ctx, { signed: caller, id, proof, origin: incoming.origin })
    const { message } = mail
    const headers = fileHeaders('message/rfc822', `${item.subject.slice(0, 60)}.eml`, message.length)
    return new Response(streamOf(piecesOf(message)), { headers })
  },
})

export const remove = endpoint({
  at: 'DELETE /guest/items/{id}',
  what: 'Removes a mail of a guest for good',
  who: 'full or guest',
  in: { path: itemPath, query: z.strictObject(sessionQuery) },
  async does(ctx, { path: { id } }, { account }) {
    await removeItem(ctx, { accountId: account.id, id })
    return new Response(null, { status: 204 })
  },
})
