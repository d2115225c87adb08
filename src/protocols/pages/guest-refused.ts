import type { Reason } from '#src/domain/refusals.ts'
import type { Incoming } from '#src/http/endpoint.ts'
import { html } from '#src/lib/html.ts'
import { faultOf } from './guest-faults.ts'
import { words } from './guest-words.ts'
import { languageOf, page } from './page.ts'

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
  const say = words[language]
  const fault = BROKEN.includes(reason) ? say.broken : faultOf(language, reason ?? 'other')
  const content = html`<h1>${say.title}</h1>\n<p class="bad" role="alert">${fault}</p>`
  return page({ language, title: say.title, content, house, status, narrow: true })
}
