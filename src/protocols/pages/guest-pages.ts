import type { Context } from '#src/context.ts'
import type { Reason } from '#src/domain/refusals.ts'
import { endpoint, type Incoming } from '#src/http/endpoint.ts'
import { html } from '#src/lib/html.ts'
import { houseLine, type Language, languageOf, page } from './page.ts'

const words = {
  en: {
    title: 'Encrypted mail',
    off: 'Encrypted mail for you may be kept here, but this server does not let people read it in a browser at present. Ask who wrote to you to send it another way.',
    broken: 'There is nothing here. Perhaps the link is not whole: follow it in the mail itself, or copy all of it.',
    failed: 'That did not work. Try again later.',
  },
  de: {
    title: 'Verschlüsselte Mail',
    off: 'Vielleicht liegt hier verschlüsselte Mail für Sie, aber dieser Server zeigt sie derzeit nicht im Browser. Bitten Sie den Absender, sie Ihnen auf anderem Weg zu schicken.',
    broken:
      'Hier ist nichts. Vielleicht ist der Link nicht vollständig: Folgen Sie ihm in der Mail selbst, oder kopieren Sie ihn ganz.',
    failed: 'Das hat nicht geklappt. Versuchen Sie es später noch einmal.',
  },
} satisfies Record<Language, object>

/** Is it people who read the answer? */
export const isForGuests = ({ url }: Pick<Incoming, 'url'>): boolean => /^\/guest(\/|$)/.test(url.pathname)

// A link that was cut, or that something was put to.
const BROKEN: readonly (Reason | null)[] = [
  'input.invalid',
  'input.unreadable',
  'endpoint.unknown',
  'method.unsupported',
]

/** What a guest sees where a request is refused, or fails, before any page has it; null for a failure of our own. */
export function refusedPage(
  { headers }: Incoming,
  { reason, status, house }: { reason: Reason | null; status: number; house?: string },
): Response {
  const language = languageOf(headers.get('accept-language') ?? '')
  const { title, broken, failed } = words[language]
  const fault = BROKEN.includes(reason) ? broken : failed
  const content = html`<h1>${title}</h1>\n<p class="bad" role="alert">${fault}</p>`
  return page({ language, title, content, house, status })
}

/** Where links in mails to guests lead when there is no console: it is told in both languages, and nothing is asked. */
export const readerOff = endpoint({
  at: 'GET /guest',
  what: 'Where the console is not served: says that mail cannot be read here. Otherwise the console answers',
  who: 'anyone',
  limits: { perSecond: 10 },
  async does(ctx: Context, _input, _caller, { headers }) {
    const language = languageOf(headers.get('accept-language') ?? '')
    const other = language === 'en' ? 'de' : 'en'
    const content = html`<h1>${words[language].title}</h1>
<p>${words[language].off}</p>
<p lang="${other}">${words[other].off}</p>`
    return page({ language, title: words[language].title, house: houseLine(ctx), content, status: 404 })
  },
})
