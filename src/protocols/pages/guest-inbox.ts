import type { Context } from '#src/context.ts'
import { type ListedItem, listItems } from '#src/domain/guests/guests.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import type { GuestCaller } from '#src/http/guest-proof.ts'
import { type Html, html } from '#src/lib/html.ts'
import { bar, nothing, shownBox, type Visit } from './guest-visitor.ts'
import { page } from './page.ts'

const A_PAGE = 30

/** A moment as people read it; nobody tells us where they are. */
export const spokenDate = ({ language }: Visit, at: number): string =>
  `${new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' }).format(at)} UTC`

const spokenDay = ({ language }: Visit, at: number): string =>
  `${new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' }).format(at)} UTC`

function row(visit: Visit, { id, kind, from, subject, date, expires, opened }: ListedItem): Html {
  const { say, at } = visit
  const isNew = !opened && kind === 'received'
  const who = kind === 'sent' ? html`${say.sentByYou}` : shownBox(from)
  return html`<li><bdi><a href="${at(`/guest/mail?id=${encodeURIComponent(id)}`)}"${isNew ? html` class="new"` : nothing}>${
    subject || say.noSubject
  }</a></bdi>${isNew ? html` <span class="small">(${say.unread})</span>` : nothing}<br>
<span class="quiet">${who} · ${spokenDate(visit, date)}</span><br>
<span class="quiet small">${say.until} ${spokenDay(visit, expires)}</span></li>`
}

/** The mails of a guest. */
export async function inboxPage(
  ctx: Context,
  visit: Visit,
  { visitor, before }: { visitor: GuestCaller; before?: string | undefined },
): Promise<Response> {
  const { say, at, language, house } = visit
  const accountId = visitor.account.id
  const { items, next } = await listItems(ctx, { accountId, before, most: A_PAGE }).catch((error: unknown) => {
    if (isRefusal(error, 'input.invalid')) return { items: [], next: null }
    throw error
  })
  const list =
    items.length === 0 ? html`<p>${say.empty}</p>` : html`<ul class="mails">${items.map((one) => row(visit, one))}</ul>`
  const more = next
    ? html`<p><a href="${at(`/guest?before=${encodeURIComponent(next)}`)}">${say.older}</a></p>`
    : nothing
  const content = html`${bar(visit, visitor.guest)}<h1>${say.title}</h1>\n${list}${more}`
  return page({ language, title: say.title, house, content })
}
