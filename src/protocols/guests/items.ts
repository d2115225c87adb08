import { z } from 'zod'
import { type ListedItem, listItems, openItem, originalOf, plainMail, removeItem } from '#src/domain/guests/guests.ts'
import { dispositionOf, safeName } from '#src/http/disposition.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { judged, spokenJudgement } from '#src/http/opened-mail.ts'
import { jsonWithTexts, piecesOf, streamOf } from '#src/http/pieces.ts'
import type { Mailbox } from '#src/lib/mime/mailboxes.ts'
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

const attachment = z.object({ index: z.int(), name: z.string(), type: z.string(), bytes: z.int() })
const people = z.array(person)

const opened = z.object({
  ...item.shape,
  ...judged,
  headers: z.object({ from: people, to: people, cc: people, date: time.nullable(), subject: z.string() }),
  attachments: z.array(attachment),
  blockedRemoteContent: z.boolean().describe('the mail wanted something from elsewhere, which is left out'),
  isWhole: z.boolean().describe('false: the mail has more parts, or more text, than are shown here'),
  text: z.string(),
  html: z
    .string()
    .describe('what stands between the tags of a body; without script, style sheets, forms and whatever is remote'),
})

const shown = (boxes: readonly Mailbox[]) => boxes.map(({ address, name }) => ({ address, name }))

export const one = endpoint({
  at: 'GET /guest/items/{id}',
  what: 'Opens a mail of a guest: what it says, what comes with it, and what its signatures are worth',
  who: 'full or guest',
  in: { path: itemPath, query: z.strictObject(sessionQuery) },
  out: opened,
  async does(ctx, { path: { id } }, caller, incoming) {
    const proof = readerProof(caller, incoming)
    const { item, mail, view } = await openItem(ctx, { signed: caller, id, proof, origin: incoming.origin })
    const { from, to, cc, date, subject } = view.header
    const facts = {
      ...spoken({ ...item, opened: true }),
      headers: { from: shown(from), to: shown(to), cc: shown(cc), date: date === null ? null : seconds(date), subject },
      ...spokenJudgement(mail),
      blockedRemoteContent: view.isRemoteLeftOut,
      isWhole: view.isWhole,
      attachments: view.attachments.map((one) => ({ ...one, name: safeName(one.name) })),
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
