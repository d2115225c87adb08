import type { openItem } from '#src/domain/guests/guests.ts'
import { safeName } from '#src/http/disposition.ts'
import { type Html, html } from '#src/lib/html.ts'
import type { Mailbox } from '#src/lib/mime/mailboxes.ts'
import { verdicts } from './guest-faults.ts'
import { spokenDate } from './guest-inbox.ts'
import { faultNote, goodNote, hidden, nothing, shownBox, type Visit } from './guest-visitor.ts'

/** What a mail is shown with: how an answer to it went, or what of it is to be tried again. */
export interface Told {
  note?: string
  fault?: string
  text?: string
  all?: boolean
  quote?: boolean
}

interface Shown extends Told {
  /** of two forms that are sent with the same, the second was a doubled click */
  once: string
  /** the address of whoever reads */
  self: string
}

type Opened = Awaited<ReturnType<typeof openItem>>

const person = (label: string, boxes: readonly Mailbox[]): Html =>
  boxes.length === 0
    ? nothing
    : html`<dt>${label}</dt><dd>${boxes.map((one, at) => html`${at > 0 ? ', ' : ''}${shownBox(one)}`)}</dd>`

function size({ language }: Visit, bytes: number): string {
  const kilo = Math.max(1, Math.round(bytes / 1000))
  const [value, unit] = kilo < 1000 ? [kilo, 'kB'] : [Math.round(kilo / 100) / 10, 'MB']
  return `${new Intl.NumberFormat(language).format(value)} ${unit}`
}

function attachmentList(visit: Visit, { view }: Opened, base: string): Html {
  if (view.attachments.length === 0) return nothing
  const rows = view.attachments.map(
    ({ index, name, bytes }) =>
      html`<li><a href="${base}/attachments/${index}">${safeName(name)}</a> <span class="quiet">(${size(visit, bytes)})</span></li>`,
  )
  return html`<h2>${visit.say.attachments}</h2>\n<ul>${rows}</ul>`
}

const fileField = (name: string): Html => html`<input type="file" name="${name}" aria-labelledby="files">`

function replyForm(
  { say, at }: Visit,
  { item, view }: Opened,
  { text = '', all = false, quote = false, once, self }: Shown,
): Html {
  if (item.kind === 'sent') return nothing
  const known = [self, item.from.address]
  const hasOthers = [...view.header.to, ...view.header.cc].some(({ address }) => !known.includes(address))
  const check = (name: string, label: string, isChecked: boolean) =>
    html`<label class="check"><input type="checkbox" name="${name}" value="1"${isChecked ? html` checked` : nothing}> ${label}</label>`
  return html`<h2 id="reply">${say.reply}</h2>
<form method="post" action="${at('/guest/reply')}" enctype="multipart/form-data">
${hidden('id', item.id)}${hidden('once', once)}
<label for="text">${say.text}</label>
<textarea id="text" name="text" required maxlength="1000000">${text}</textarea>
${hasOthers ? check('all', say.replyAll, all) : nothing}
${check('quote', say.quote, quote)}
<label id="files" for="file1">${say.files}</label>
<input type="file" id="file1" name="file1">${fileField('file2')}${fileField('file3')}
<p class="hint">${say.replyHint}</p>
<button>${say.send}</button>
</form>`
}

/** What the signature is worth. What he wrote himself the house has sent, so that From does not tell. */
function verdict({ say, language }: Visit, { item, mail }: Opened): Html {
  const { verification, relayedBy } = mail
  const isFine = verification === 'good' || verification === 'partly'
  const isOwn = item.kind === 'sent' && relayedBy === item.from.address
  const isFor = relayedBy !== null && verification === 'good'
  const usual = isFor ? say.signedFor.replace('{guest}', () => relayedBy) : verdicts[language][verification]
  return html`<p class="${isFine ? 'good' : 'bad'}">${isOwn ? say.signedByYou : usual}</p>`
}

/** A mail, opened: who wrote it and what that is worth, what it says, what comes with it, and how to answer it. */
export function mailContent(visit: Visit, opened: Opened, told: Shown): Html {
  const { say, at } = visit
  const { item, view } = opened
  const { from, to, cc, date, subject } = view.header
  const base = at(`/api/v1/guest/items/${encodeURIComponent(item.id)}`)
  return html`<h1>${subject || say.noSubject}</h1>
${goodNote(told.note ?? '')}${faultNote(told.fault ?? '')}
<dl>${person(say.from, from)}${person(say.to, to)}${person(say.cc, cc)}<dt>${say.date}</dt><dd>${spokenDate(visit, date ?? item.date)}</dd></dl>
${verdict(visit, opened)}
<iframe src="${base}/view" sandbox="allow-popups allow-popups-to-escape-sandbox" title="${say.content}"></iframe>
${view.isRemoteLeftOut ? html`<p class="hint">${say.remote}</p>` : nothing}${view.isWhole ? nothing : html`<p class="hint">${say.partial}</p>`}
${attachmentList(visit, opened, base)}
${replyForm(visit, opened, told)}
<details><summary>${say.keep}</summary>
<p><a href="${base}/original">${say.keepOriginal}</a></p>
<p><a href="${base}/plain">${say.keepPlain}</a></p>
</details>
<details><summary>${say.remove}</summary>
<form method="post" action="${at('/guest/remove')}">${hidden('id', item.id)}<p>${say.removeHint}</p><button>${say.remove}</button></form>
</details>`
}
