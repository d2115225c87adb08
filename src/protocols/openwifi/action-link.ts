import { z } from 'zod'
import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { confirmKeyAddress, followRenewal, readRenewal } from '#src/domain/keys/keys.ts'
import {
  confirmAddress,
  followPasswordLink,
  followStopLink,
  type Purpose,
  readLink,
} from '#src/domain/recovery/recovery.ts'
import { isRefusal, type Reason } from '#src/domain/refusals.ts'
import { askSibling } from '#src/domain/services/services.ts'
import { type Endpoint, endpoint, type Incoming } from '#src/http/endpoint.ts'
import { type Html, html } from '#src/lib/html.ts'
import { type Language, languageOf, page } from './page.ts'
import { words } from './page-words.ts'
import { leastLength, passwordRule } from './password-rule.ts'

/** What the actions of this protocol are links for. */
const purposes: Record<string, Purpose> = {
  password_reset: 'password',
  sub_password_reset: 'password',
  email_verification: 'address',
  sub_email_verification: 'address',
  email_invitation: 'invitation',
  signup_verification: 'signup',
  signup_completion: 'signup',
  recovery_waiting: 'stop-recovery',
  key_address: 'key-address',
  key_expiring: 'key-renew',
}

interface Plain {
  /** what its page says when it is done */
  done: 'addressConfirmed' | 'recoveryStopped' | 'keyAddressConfirmed' | 'keyRenewed'
  /** `password` is that of a key, where the page asked for it */
  /** answers until when that holds what it did, in epoch milliseconds; null where there is nothing to say of it */
  follow(ctx: Context, link: Followed): Promise<number | null>
}

interface Followed {
  token: string
  password: string
  origin: Incoming['origin']
}

const nothing = () => null

/** Links that want nothing but a button pressed; the others ask for a new password. */
const plain: Partial<Record<Purpose, Plain>> = {
  address: { done: 'addressConfirmed', follow: (ctx, link) => confirmAddress(ctx, link).then(nothing) },
  'stop-recovery': { done: 'recoveryStopped', follow: (ctx, link) => followStopLink(ctx, link).then(nothing) },
  'key-address': { done: 'keyAddressConfirmed', follow: (ctx, link) => confirmKeyAddress(ctx, link).then(nothing) },
  'key-renew': { done: 'keyRenewed', follow: followRenewal },
}

const Query = z.object({ action: z.string().default(''), id: z.string().default('') })
const Body = z.object({
  id: z.string().default(''),
  password1: z.string().default(''),
  password2: z.string().default(''),
})

// Three fields, the longest of them a password.
const BODY_AT_MOST = 16_384

const purposeOf = (action: string): Purpose | null =>
  Object.hasOwn(purposes, action) ? (purposes[action] ?? null) : null

/** The way to where people sign in; nothing where the operator named no such place. */
const wayIn = ({ config }: Context, language: Language, look: 'button' | 'link'): Html | '' =>
  config.uiUrl ? html`<p><a class="${look}" href="${config.uiUrl}">${words[language].signIn}</a></p>` : ''

interface Opened {
  account: Account & { target: string }
  purpose: Purpose
  /** does it take the password of the key? */
  asksKey: boolean
}

/** The account of a link that works, and what the link is for; null for any other link. */
async function opened(ctx: Context, action: string, id: string): Promise<Opened | null> {
  const purpose = purposeOf(action)
  if (purpose === 'key-renew') {
    const renewal = await readRenewal(ctx, id)
    return renewal && { account: renewal.account, purpose, asksKey: renewal.needsPassword }
  }
  const account = purpose && (await readLink(ctx, id, purpose))
  return account && { account, purpose, asksKey: false }
}

/** What the browser asks for, else what the letter was written in. */
const languageFor = ({ config }: Context, { headers }: Pick<Incoming, 'headers'>, found: Opened | null): Language =>
  languageOf(headers, found?.account.locale || config.locale)

function deadPage(ctx: Context, language: Language, action: string): Response {
  const { dead } = words[language]
  const purpose = purposeOf(action)
  const content = html`<p>${dead.why}</p>
<p>${purpose && purpose in dead ? dead[purpose as keyof typeof dead] : dead.next}</p>
${wayIn(ctx, language, 'link')}`
  return page({ language, title: dead.title, content })
}

const dayAs = (language: Language, time: number): string =>
  new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { dateStyle: 'long', timeZone: 'UTC' }).format(time)

function donePage(
  ctx: Context,
  { language, purpose, until }: { language: Language; purpose: Purpose; until: number | null },
): Response {
  const said = words[language][plain[purpose]?.done ?? 'passwordSet']
  const { title, text } = said
  const more = until !== null && 'until' in said ? ` ${said.until(dayAs(language, until))}` : ''
  const content = html`<p>${text}${more}</p>
${wayIn(ctx, language, 'button')}`
  return page({ language, title, content })
}

function passwordFields(ctx: Context, language: Language): Html {
  const { newPassword, samePassword, passwordRule } = words[language]
  const least = leastLength(ctx)
  return html`<label>${newPassword}<input type="password" name="password1" autocomplete="new-password" required minlength="${least}"></label>
<label>${samePassword}<input type="password" name="password2" autocomplete="new-password" required minlength="${least}"></label>
<p class="soft">${passwordRule(least, ctx.config.passwordMaxLength)}</p>`
}

const keyField = (language: Language): Html =>
  html`<label>${words[language].keyPassword}<input type="password" name="password1" autocomplete="off" required></label>`

function fieldsFor(ctx: Context, language: Language, { purpose, asksKey }: Opened): Html | '' {
  if (asksKey) return keyField(language)
  return plain[purpose] ? '' : passwordFields(ctx, language)
}

function textFor(language: Language, { purpose, account, asksKey }: Opened): string {
  const own = words[language]
  if (purpose === 'key-address') return own[purpose].text(account.target)
  if (purpose === 'key-renew' && asksKey) return `${own[purpose].text} ${own[purpose].needsPassword}`
  return own[purpose].text
}

/** The form that does what a link is for. Only its button does: programs that read mail open every link in it. */
function formPage(
  ctx: Context,
  { language, action, id, wrong, ...link }: Opened & { language: Language; action: string; id: string; wrong?: string },
): Response {
  const { purpose, account } = link
  const { account: accountLabel } = words[language]
  const { title, button } = words[language][purpose]
  const doing = purpose === 'signup' ? 'signup_completion' : action
  const content = html`${wrong === undefined ? '' : html`<p class="wrong" role="alert">${wrong}</p>`}
<p>${textFor(language, link)}</p>
<form method="post" action="actionLink?action=${doing}">
<input type="hidden" name="id" value="${id}">
<label>${accountLabel}<input type="email" name="username" value="${account.email}" autocomplete="username" readonly></label>
${fieldsFor(ctx, language, link)}
<button type="submit">${button}</button>
</form>`
  return page({ language, title, content })
}

/** The provisioning service waits for the end of the sign-ups that it began. */
async function tellProvisioning(ctx: Context, { signing_up }: Account, purpose: string): Promise<void> {
  const id = signing_up.slice(signing_up.lastIndexOf(':') + 1)
  if (purpose !== 'signup' || id === '') return
  const query = new URLSearchParams({ signupUUID: id, operation: 'emailVerified' })
  await askSibling(ctx, { type: 'owprov', method: 'PUT', path: `/api/v1/signup?${query}` })
}

type Wrong = 'different' | 'weak' | 'reused' | 'delayed' | 'keyPasswordWrong' | 'keyDelayed' | 'keyUnusable'

/** What a page says of a refusal, and asks again; all else is thrown. */
const wrongs: Partial<Record<Reason, Wrong>> = {
  'password.weak': 'weak',
  'password.reused': 'reused',
  'credentials.delayed': 'delayed',
  'key.password-missing': 'keyPasswordWrong',
  'key.password-wrong': 'keyPasswordWrong',
  'key.delayed': 'keyDelayed',
  'key.unusable': 'keyUnusable',
}

/** Does what the link is for; answers what is wrong with the passwords, or until when it holds. */
async function follow(
  ctx: Context,
  { body, purpose, incoming }: { body: z.output<typeof Body>; purpose: Purpose; incoming: Incoming },
): Promise<{ wrong: Wrong } | { until: number | null }> {
  const { id: token, password1: password, password2 } = body
  const { origin } = incoming
  try {
    const button = plain[purpose]
    if (button) return { until: await button.follow(ctx, { token, password, origin }) }
    if (password !== password2) return { wrong: 'different' }
    await followPasswordLink(ctx, { token, password, rule: passwordRule(ctx), origin, also: tellProvisioning })
    return { until: null }
  } catch (error) {
    const wrong = isRefusal(error) ? wrongs[error.reason] : undefined
    if (!wrong) throw error
    return { wrong }
  }
}

async function answerForm(
  ctx: Context,
  { action, body, incoming }: { action: string; body: z.output<typeof Body>; incoming: Incoming },
): Promise<Response> {
  const found = await opened(ctx, action, body.id)
  const language = languageFor(ctx, incoming, found)
  if (!found) return deadPage(ctx, language, action)
  try {
    const { purpose } = found
    const followed = await follow(ctx, { body, purpose, incoming })
    if ('until' in followed) return donePage(ctx, { language, purpose, ...followed })
    return formPage(ctx, { language, action, id: body.id, ...found, wrong: words[language][followed.wrong] })
  } catch (error) {
    // Somebody was faster.
    if (isRefusal(error, 'link.invalid')) return deadPage(ctx, language, action)
    throw error
  }
}

/** The pages that links in mails lead to. They answer 200 whatever is wrong with a link, as clients know it. */
export const actionLink = (ctx: Context): Endpoint[] => {
  const limits = { perSecond: ctx.config.signInRate, body: BODY_AT_MOST }
  return [
    endpoint({
      at: 'GET /actionLink',
      what: 'The page of a link in a mail; changes nothing',
      who: 'anyone',
      in: { query: Query },
      limits,
      async does(ctx, { query: { action, id } }, _caller, { headers }) {
        const found = await opened(ctx, action, id)
        const language = languageFor(ctx, { headers }, found)
        return found ? formPage(ctx, { language, action, id, ...found }) : deadPage(ctx, language, action)
      },
    }),
    endpoint({
      at: 'POST /actionLink',
      what: 'The form of that page: sets a password, confirms an address, keeps the second factors, or renews a key',
      who: 'anyone',
      takes: 'form or multipart',
      in: { query: Query, body: Body },
      limits,
      does: (ctx, { query: { action }, body }, _caller, incoming) => answerForm(ctx, { action, body, incoming }),
    }),
  ]
}
