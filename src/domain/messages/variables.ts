import { publicBase } from '#src/lib/public-base.ts'
import { filled } from './filling.ts'
import type { Reader, Values, Writer } from './letter.ts'
import { type Shelves, sentence } from './shelves.ts'
import { senderVariables, shownGreeting } from './strangers-words.ts'

const LAST_RESORT = 'en'

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
  new Intl.DateTimeFormat(language, {
    weekday: 'long',
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    timeZone: 'UTC',
    timeZoneName: 'short',
  }).format(time)

const addressIn = (mailbox: string): string => /<([^<>]*)>\s*$/.exec(mailbox)?.[1] ?? mailbox

/** What every letter may name: ours, and the names that OpenWiFi's operators know. */
function commonVariables({ config, clock }: Writer, reader: Reader, language: string) {
  const base = publicBase(config)
  const helper = addressIn(config.mailFrom)
  const site = config.uiUrl ?? base
  return {
    LANGUAGE: language,
    SERVICE_NAME: config.totpIssuer,
    SERVICE_HOST: new URL(base).host,
    RECIPIENT_EMAIL: reader.email,
    RECIPIENT_NAME: reader.name,
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

/** What single letters name; empty where there is no value. */
const ownVariables = (values: Values, language: string) => ({
  ACTION_LINK: values.link ?? '',
  CHALLENGE_CODE: values.code ?? '',
  USER_NAMES: values.names?.join(', ') ?? '',
  ADDRESS: values.address ?? '',
  KEY_FINGERPRINT: values.name ?? '',
  ...senderVariables(values.sender),
  GREETING: shownGreeting(values.greeting ?? ''),
  UNSUBSCRIBE_LINK: values.unsubscribe ?? '',
  UNTIL: values.until === undefined ? '' : timeAs(language, values.until),
  LIFETIME: values.lifetime === undefined ? '' : span(language, values.lifetime),
})

/** The sentence about what happened. */
function changeIn(shelves: Shelves, values: Values, languages: readonly string[]): string {
  const { change, method, name, who, list = [], until } = values
  if (!change) return ''
  const [language = LAST_RESORT] = languages
  const kind = (method: string): string => sentence(shelves, `method.${method}`, languages)
  const items = list.map(({ method, name }) => (name ? `${kind(method)} (${name})` : kind(method)))
  return filled(sentence(shelves, change, languages), {
    METHOD: method ? kind(method) : '',
    NAME: name ?? '',
    WHO: who ?? '',
    LIST: new Intl.ListFormat(language, { type: 'disjunction' }).format(items),
    UNTIL: until === undefined ? '' : timeAs(language, until),
  })
}

/** The same in few words and without a name or value, for the subject; that of all such letters where it has none. */
function headlineIn(shelves: Shelves, { change }: Values, template: string, languages: readonly string[]): string {
  if (!change) return ''
  for (const language of languages) {
    const found = [change, template].map((key) => sentence(shelves, `subject.${key}`, [language])).find(Boolean)
    if (found) return found
  }
  return ''
}

/** Who does not get a mail and why; a line that names ${REASON} says it of each of them. */
export function returnedIn(shelves: Shelves, { returned = [] }: Values, languages: readonly string[]) {
  const why = (reason: string) => sentence(shelves, `returned.${reason}`, languages)
  return returned.map(({ address, reason, words = reason }) => ({
    ADDRESS: address,
    REASON: filled(why(reason) || why('other'), { WORDS: words }),
  }))
}

/** All that a letter may name, in the first of `languages`. */
export function variablesFor(
  ctx: Writer,
  { template, reader, values }: { template: string; reader: Reader; values: Values },
  { shelves, languages }: { shelves: Shelves; languages: readonly string[] },
): Record<string, string> {
  const [language = LAST_RESORT] = languages
  return {
    ...commonVariables(ctx, reader, language),
    ...ownVariables(values, language),
    CHANGE: changeIn(shelves, values, languages),
    HEADLINE: headlineIn(shelves, values, template, languages),
  }
}
