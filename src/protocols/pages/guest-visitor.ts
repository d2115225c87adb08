import type { Context } from '#src/context.ts'
import type { Guest } from '#src/domain/guests/guests.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import type { Incoming } from '#src/http/endpoint.ts'
import { type GuestCaller, guestCallerOf } from '#src/http/guest-proof.ts'
import { type Html, html } from '#src/lib/html.ts'
import type { Mailbox } from '#src/lib/mime/mailboxes.ts'
import { type Words, words } from './guest-words.ts'
import { houseOf, type Language, languageOf, page, placeOf } from './page.ts'

/** What a page for somebody is made with. */
export interface Visit {
  language: Language
  say: Words
  /** whose page it is: the name of the service, and of the server */
  house: string
  /** the shortest password, in characters */
  least: number
  /** a path of ours as the browser reaches it */
  at(path: string): string
}

/** His browser tells what he reads; where it does not, who invited him has said it. */
export function visitOf(ctx: Context, { headers }: Incoming, guest?: Guest | null): Visit {
  const wanted = headers.get('accept-language') ?? ''
  const language = languageOf(wanted === '' || wanted === '*' ? (guest?.language ?? '') : wanted)
  const least = ctx.config.keyPasswordMinLength
  return { language, say: words[language], house: houseOf(ctx), least, at: (path) => placeOf(ctx, path) }
}

/** The guest whose cookie this is; null for nobody. */
export async function visitorOf(ctx: Context, incoming: Incoming): Promise<GuestCaller | null> {
  try {
    return await guestCallerOf(ctx, incoming)
  } catch (error) {
    if (isRefusal(error)) return null
    throw error
  }
}

export const nothing = html``

export const faultNote = (text: string): Html => (text === '' ? nothing : html`<p class="bad" role="alert">${text}</p>`)

export const goodNote = (text: string): Html =>
  text === '' ? nothing : html`<p class="good" role="status">${text}</p>`

/** A name may turn the direction of writing about: only its own, lest what stands behind it be read as another address. */
export const shownBox = ({ name, address }: Mailbox): Html =>
  name && name !== address ? html`<bdi>${name}</bdi> <bdi>${`<${address}>`}</bdi>` : html`<bdi>${address}</bdi>`

/** The bar over the pages of a guest who is signed in. */
export const bar = ({ say, at }: Visit, guest: Guest): Html => html`<nav>
<span class="who">${guest.address}</span>
<a href="${at('/guest')}">${say.inbox}</a>
<a href="${at('/guest/password')}">${say.changePassword}</a>
<form method="post" action="${at('/guest/sign-out')}"><button class="plain">${say.signOut}</button></form>
</nav>`

/** A page with one form. */
export const formPage = ({ language, house }: Visit, title: string, content: Html, status = 200): Response =>
  page({ language, title, house, content: html`<h1>${title}</h1>\n${content}`, status, narrow: true })

interface Field {
  name: string
  label: string
  type?: 'text' | 'email' | 'password'
  value?: string
  hint?: string
  /** how browsers fill it in */
  fill?: string
  /** a number of digits */
  isDigits?: boolean
  optional?: boolean
}

export function field({
  name,
  label,
  type = 'text',
  value = '',
  hint = '',
  fill = 'off',
  isDigits = false,
  optional = false,
}: Field): Html {
  const more = hint === '' ? nothing : html`<p class="hint own" id="${name}-hint">${hint}</p>`
  return html`<label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="${type}" value="${value}" autocomplete="${fill}" maxlength="500"${
    hint === '' ? nothing : html` aria-describedby="${name}-hint"`
  }${isDigits ? html` inputmode="numeric"` : nothing}${optional ? nothing : html` required`}>
${more}`
}

export const hidden = (name: string, value: string): Html => html`<input type="hidden" name="${name}" value="${value}">`

export const emailField = ({ say }: Visit, value = ''): Html =>
  field({ name: 'email', label: say.address, type: 'email', value, hint: say.addressHint, fill: 'username' })

export const pinField = ({ say }: Visit): Html =>
  field({ name: 'pin', label: say.pin, hint: say.pinHint, isDigits: true })

export const newPasswordFields = ({ say, least }: Visit): Html =>
  html`${field({
    name: 'password',
    label: say.newPassword,
    type: 'password',
    fill: 'new-password',
    hint: say.leastHint.replace('{least}', String(least)),
  })}
${field({ name: 'again', label: say.again, type: 'password', fill: 'new-password' })}`

export const questionFields = ({ say }: Visit, value = ''): Html =>
  html`<p class="hint before">${say.questionIntro}</p>
${field({ name: 'question', label: say.question, value, optional: true })}
${field({ name: 'answer', label: say.answer, optional: true })}`
