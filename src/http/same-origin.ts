import type { Context } from '#src/context.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Incoming } from './endpoint.ts'

const hostOf = (origin: string): string | null => (URL.canParse(origin) ? new URL(origin).host : null)

/**
 * Refuses with 'access.denied' what a page of somebody else has a browser send, cookies and all: of other origins on the
 * same site too, which SameSite lets through. Browsers say where a request comes from in one header or the other; who
 * sends neither is none, and no page moves him.
 */
export function judgeSameOrigin({ config }: Context, { headers, url }: Pick<Incoming, 'headers' | 'url'>): void {
  const [origin, site] = [headers.get('origin'), headers.get('sec-fetch-site')]
  if (site === 'same-origin' || (site ?? origin) === null) return
  const known = [url.host, ...(config.publicUrl ? [hostOf(config.publicUrl)] : [])]
  const isOurs = origin !== null && (origin === config.corsOrigin || (site === null && known.includes(hostOf(origin))))
  if (!isOurs) throw new Refusal('access.denied')
}
