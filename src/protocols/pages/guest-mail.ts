import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { openItem, removeItem } from '#src/domain/guests/guests.ts'
import { replyToItem } from '#src/domain/outgoing/outgoing.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { decodeText } from '#src/http/body.ts'
import { safeName } from '#src/http/disposition.ts'
import { type Endpoint, endpoint, type Incoming } from '#src/http/endpoint.ts'
import type { GuestCaller } from '#src/http/guest-proof.ts'
import type { Part } from '#src/http/multipart.ts'
import { judgeSameOrigin } from '#src/http/same-origin.ts'
import { uuid } from '#src/lib/chance.ts'
import { html } from '#src/lib/html.ts'
import { faultIn } from './guest-faults.ts'
import { mailContent, type Told } from './guest-mail-content.ts'
import { bar, faultNote, type Visit, visitOf, visitorOf } from './guest-visitor.ts'
import { goTo, page } from './page.ts'

interface Asked {
  visitor: GuestCaller
  visit: Visit
  id: string
  incoming: Incoming
}

/** What a mail cannot be shown for, under the bar; whoever must show his password first is led to where he does. */
function failedPage(ctx: Context, { visitor, visit, id }: Asked, error: unknown): Response {
  if (isRefusal(error, 'key.password-missing', 'key.token-invalid', 'session.invalid'))
    return goTo(ctx, `/guest?item=${encodeURIComponent(id)}&again=`)
  const { language, say, house } = visit
  const isGone = isRefusal(error, 'guest.item-unknown')
  const text = isGone ? `${say.gone}. ${say.goneMore}` : faultIn(language, error)
  const content = html`${bar(visit, visitor.guest)}${faultNote(text)}`
  return page({ language, title: say.title, house, content, status: isGone ? 404 : 403 })
}

async function mailPage(ctx: Context, asked: Asked, told: Told & { status?: number }): Promise<Response> {
  const { visitor, visit, id, incoming } = asked
  try {
    const opened = await openItem(ctx, { signed: visitor, id, proof: visitor.proof, origin: incoming.origin })
    const once = uuid(ctx.clock.chance)
    const content = html`${bar(visit, visitor.guest)}${mailContent(visit, opened, { ...told, once, self: visitor.guest.address })}`
    const title = opened.view.header.subject || visit.say.noSubject
    return page({ language: visit.language, title, house: visit.house, content, status: told.status ?? 200 })
  } catch (error) {
    return failedPage(ctx, asked, error)
  }
}

const id = z.string().max(64)

const show = endpoint({
  at: 'GET /guest/mail',
  what: 'One mail of a guest as a page',
  who: 'anyone',
  in: { query: z.object({ id, sent: z.string().max(1).optional() }) },
  limits: { perSecond: 10 },
  async does(ctx, { query: { id, sent } }, _caller, incoming) {
    const visitor = await visitorOf(ctx, incoming)
    if (!visitor) return goTo(ctx, `/guest?item=${encodeURIComponent(id)}`)
    const visit = visitOf(ctx, incoming, visitor.guest)
    return mailPage(ctx, { visitor, visit, id, incoming }, sent === undefined ? {} : { note: visit.say.sent })
  },
})

const remove = endpoint({
  at: 'POST /guest/remove',
  what: 'The form by which a guest removes a mail',
  who: 'anyone',
  takes: 'form',
  in: { body: z.object({ id }) },
  limits: { perSecond: 10 },
  async does(ctx, { body: { id } }, _caller, incoming) {
    const visitor = await visitorOf(ctx, incoming)
    if (!visitor) return goTo(ctx, '/guest')
    try {
      judgeSameOrigin(ctx, incoming)
      await removeItem(ctx, { accountId: visitor.account.id, id })
      return goTo(ctx, '/guest')
    } catch (error) {
      return failedPage(ctx, { visitor, visit: visitOf(ctx, incoming, visitor.guest), id, incoming }, error)
    }
  },
})

// As the other way to reply: files that are read at one go.
const REPLY_BYTES = 8 * 1024 * 1024

const part = z.custom<Part>((value) => typeof value === 'object' && value !== null && 'data' in value)
const textIn = (given: Part | undefined): string => (given ? decodeText(given.data) : '')

const filesIn = (parts: readonly (Part | undefined)[]) =>
  parts.flatMap((given) =>
    given?.filename
      ? [{ name: safeName(given.filename), type: given.type || 'application/octet-stream', data: given.data }]
      : [],
  )

const reply = endpoint({
  at: 'POST /guest/reply',
  what: 'The form by which a guest answers a mail',
  who: 'anyone',
  takes: 'multipart',
  in: {
    body: z.object({
      id: part,
      once: part,
      text: part,
      all: part.optional(),
      quote: part.optional(),
      file1: part.optional(),
      file2: part.optional(),
      file3: part.optional(),
    }),
  },
  limits: { perSecond: 10, body: REPLY_BYTES },
  async does(ctx, { body }, _caller, incoming) {
    const id = textIn(body.id).slice(0, 64)
    const visitor = await visitorOf(ctx, incoming)
    if (!visitor) return goTo(ctx, `/guest?item=${encodeURIComponent(id)}`)
    const text = textIn(body.text)
    const [all, quote] = [body.all !== undefined, body.quote !== undefined]
    const visit = visitOf(ctx, incoming, visitor.guest)
    try {
      judgeSameOrigin(ctx, incoming)
      const files = filesIn([body.file1, body.file2, body.file3])
      const { guest, proof } = visitor
      const once = textIn(body.once).slice(0, 64)
      const asked = { signed: visitor, guest, proof, id, text, files, all, quote, once, origin: incoming.origin }
      await replyToItem(ctx, asked)
      return goTo(ctx, `/guest/mail?id=${encodeURIComponent(id)}&sent=1`)
    } catch (error) {
      const fault = faultIn(visit.language, error)
      return mailPage(ctx, { visitor, visit, id, incoming }, { fault, text, all, quote, status: 403 })
    }
  },
})

export const mailEndpoints: Endpoint[] = [show, remove, reply]
