import type { Context } from '#src/context.ts'
import { escapedHtml } from '#src/lib/html.ts'
import { publicBase } from '#src/lib/public-base.ts'
import { find, type Shelves, sentence, shelvesOf } from './shelves.ts'

/** Every letter we write: docs/templates.md. Those that end in `_sms` are texts only. */
export type TemplateName =
  | 'password_reset'
  | 'email_verification'
  | 'email_invitation'
  | 'signup_verification'
  | 'verification_code'
  | 'verification_code_sms'
  | 'number_validation_sms'
  | 'recovery_token'
  | 'recovery_token_sms'
  | 'recovery_waiting'
  | 'recovery_waiting_sms'
  | 'key_address'
  | 'key_expiring'
  | 'key_submission'
  | 'username_reminder'
  | 'username_reminder_sms'
  | 'account_changed'
  | 'account_changed_sms'
  | 'account_told'
  | 'key_password_reset'
  | 'guest_invitation'
  | 'guest_password'
  | 'guest_password_reset'
  | 'guest_account_reset'
  | 'guest_pin_for_sender'
  | 'delivery_failed'

export interface Letter {
  subject: string
  text: string
  /** the same for readers of HTML; an SMS has none */
  html?: string
  /** the sender of a mail that somebody wrote by hand; the house's own when absent */
  from?: string
  /** a mail that is there as a whole already, header and all: it is sent as it is, instead of all else */
  raw?: string
}

/** Whom a letter is for. */
export interface Reader {
  email: string
  name: string
  /** such as `de`, `de_CH` or `de-CH`; empty for the house's own */
  locale: string
  population: string
}

/** What a sentence of sentences.txt names. */
export interface Facts {
  /** a kind of second factor */
  method?: string
  /** what a person called it */
  name?: string
  /** several things, each of a kind; what tells it from others of its kind may be empty */
  list?: readonly { method: string; name: string }[]
  /** epoch milliseconds */
  until?: number
}

/** What a letter is about. */
export interface Values extends Facts {
  link?: string
  code?: string
  /** seconds that the link or code lives */
  lifetime?: number
  /** a mail address that the letter is about, where it is not that of its account */
  address?: string
  /** the user names of accounts */
  names?: readonly string[]
  /** key of a sentence in sentences.txt */
  change?: string
  /** who does not get a mail, and why: key of a sentence `returned.…`, and what a mail server said of it */
  returned?: readonly { address: string; reason: string; words?: string }[]
  /** who wrote the encrypted mail that the letter tells of, as people read it */
  sender?: string
  /** what he says in the clear */
  greeting?: string
  /** where the reader says that he wants no such mail */
  unsubscribe?: string
}

const LAST_RESORT = 'en'
const SUBJECT = /^subject:[ \t]*(.*)\n+/i

const languageOf = (locale: string): string => /^[a-z]{2,3}(?![a-z])/i.exec(locale)?.[0].toLowerCase() ?? ''

/** Nothing that is put into a letter begins a new line of it, or a header. */
const inOneLine = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')

/** Puts values in the place of `${NAME}`, in one pass: what a value holds is not looked at again. */
const filled = (template: string, variables: Record<string, string>, written = (text: string) => text): string =>
  template.replace(/\$\{(\w+)\}/g, (_, name: string) =>
    Object.hasOwn(variables, name) ? written(inOneLine(variables[name] ?? '')) : '',
  )

// A day is 24 hours to most people; only from two on are days easier to grasp.
const spans = [
  ['day', 86_400, 172_800],
  ['hour', 3600, 0],
  ['minute', 60, 0],
  ['second', 1, 0],
] as const

function span(language: string, seconds: number): string {
  const [unit, size] = spans.find(([, size, least]) => seconds % size === 0 && seconds >= least)!
  return new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(seconds / size)
}

const timeAs = (language: string, time: number): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'full', timeStyle: 'long', timeZone: 'UTC' }).format(time)

const addressIn = (mailbox: string): string => /<([^<>]*)>\s*$/.exec(mailbox)?.[1] ?? mailbox

interface Writing {
  template: TemplateName
  reader: Reader
  values: Values
  /** number of the template set: `2-name.txt` before `name.txt`; none for 0 */
  set?: number | undefined
}

/** Ours, and the names that OpenWiFi's operators know. */
function variablesFor(ctx: Context, { reader, values }: Writing, language: string): Record<string, string> {
  const { config, clock } = ctx
  const base = publicBase(config)
  const helper = addressIn(config.mailFrom)
  const site = config.uiUrl ?? base
  return {
    LANGUAGE: language,
    SERVICE_NAME: config.totpIssuer,
    RECIPIENT_EMAIL: reader.email,
    RECIPIENT_NAME: reader.name,
    ACTION_LINK: values.link ?? '',
    CHALLENGE_CODE: values.code ?? '',
    USER_NAMES: values.names?.join(', ') ?? '',
    ADDRESS: values.address ?? '',
    KEY_FINGERPRINT: values.name ?? '',
    SENDER: values.sender ?? '',
    GREETING: values.greeting ?? '',
    UNSUBSCRIBE_LINK: values.unsubscribe ?? '',
    UNTIL: values.until === undefined ? '' : timeAs(language, values.until),
    LIFETIME: values.lifetime === undefined ? '' : span(language, values.lifetime),
    TIME: timeAs(language, clock.now()),
    LOGO: `${base}/wwwassets/logo.png`,
    USER_HELPER_EMAIL: helper,
    SUB_HELPER_EMAIL: helper,
    GLOBAL_USER_HELPER_EMAIL: helper,
    GLOBAL_SUB_HELPER_EMAIL: helper,
    USER_HELPER_SITE: site,
    SUB_HELPER_SITE: site,
    USER_SYSTEM_LOGIN: site,
    SUB_SYSTEM_LOGIN: site,
    USER_SIGNATURE: config.totpIssuer,
    SUB_SIGNATURE: config.totpIssuer,
  }
}

const CONTENT = /\$\{CONTENT\}/

/** A part of a page gets the frame that all our mails share; a whole page stays as it is. */
const framed = (html: string, layout: string): string =>
  /<html[\s>]/i.test(html) ? html : layout.replace(CONTENT, () => html)

/** The sentence about what happened, in the language of the letter. */
function changeIn(shelves: Shelves, values: Values, languages: readonly string[]): string {
  const { change, method, name, list = [], until } = values
  if (!change) return ''
  const [language = LAST_RESORT] = languages
  const kind = (method: string): string => sentence(shelves, `method.${method}`, languages)
  const items = list.map(({ method, name }) => (name ? `${kind(method)} (${name})` : kind(method)))
  return filled(sentence(shelves, change, languages), {
    METHOD: method ? kind(method) : '',
    NAME: name ?? '',
    LIST: new Intl.ListFormat(language, { type: 'disjunction' }).format(items),
    UNTIL: until === undefined ? '' : timeAs(language, until),
  })
}

/** Who does not get a mail and why, as a line that names ${REASON} says it of each of them. */
function returnedIn(shelves: Shelves, { returned = [] }: Values, languages: readonly string[]) {
  const why = (reason: string) => sentence(shelves, `returned.${reason}`, languages)
  return returned.map(({ address, reason, words = reason }) => ({
    ADDRESS: address,
    REASON: filled(why(reason) || why('other'), { WORDS: words }),
  }))
}

/** Text with its values in place; a line that names ${REASON} is there once for each of `entries`. */
const filledLines = (text: string, variables: Record<string, string>, entries: readonly Record<string, string>[]) =>
  text
    .split(/(?<=\n)/)
    .flatMap((line) =>
      line.includes('REASON}')
        ? entries.map((entry) => filled(line, { ...variables, ...entry }))
        : filled(line, variables),
    )
    .join('')

/** Writes a letter from its template, in the reader's language, else the house's, else English. */
export function letterFrom(ctx: Context, writing: Writing): Letter {
  const { template, reader, values, set = 0 } = writing
  const shelves = shelvesOf(ctx)
  const languages = [languageOf(reader.locale), languageOf(ctx.config.locale), LAST_RESORT].filter(Boolean)
  const plain = reader.population === 'subscriber' ? [`sub_${template}`, template] : [template]
  const names = set > 0 ? [...plain.map((name) => `${set}-${name}`), ...plain] : plain
  const text = find(shelves, { names, ending: '.txt', languages })
  if (!text) throw new Error(`there is no template ${template}`)
  const { language } = text
  const nearest = [language, ...languages]
  const variables = { ...variablesFor(ctx, writing, language), CHANGE: changeIn(shelves, values, nearest) }
  const returned = returnedIn(shelves, values, nearest)
  // Templates of OpenWiFi's own service have no subject: they get ours.
  const ours = find({ ...shelves, others: new Map() }, { names, ending: '.txt', languages: nearest })
  const subject = filled((SUBJECT.exec(text.content) ?? SUBJECT.exec(ours?.content ?? ''))?.[1] ?? '', variables)
  const letter = { subject, text: filledLines(text.content.replace(SUBJECT, ''), variables, returned) }
  // Whoever writes a text of his own has a mail of his own: our HTML would say something else.
  const html = find(shelves, { names, ending: '.html', languages: [language], ownToo: text.isOwn })
  if (!html || template.endsWith('_sms')) return letter
  const layout = find(shelves, { names: ['layout'], ending: '.html', languages: [language] })
  return {
    ...letter,
    html: filled(framed(html.content, layout?.content ?? ''), { ...variables, SUBJECT: subject }, escapedHtml),
  }
}
