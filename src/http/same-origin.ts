import type { Context } from '#src/context.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Incoming } from './endpoint.ts'

const hostOf = (origin: string): string | null => (URL.canParse(origin) ? new URL(origin).host : null)

/**
 * Refuses with 'access.denied' what a page of somebody else has a browser send, cookies and all: of other origins on the
 * same site too, which SameSite lets through. Who sends neither header is no browser of these years.
 */
export function judgeSameOrigin({ config }: Context, { headers, url }: Pick<Incoming, 'headers' | 'url'>): void {
  const origin = headers.get('origin')
  const known = [url.host, ...(config.publicUrl ? [hostOf(config.publicUrl)] : [])]
  const isOurs = origin !== null && (known.includes(hostOf(origin)) || origin === config.corsOrigin)
  // The header of the browser decides only where the page does not say who it is.
  const isForeign = origin === null ? !['same-origin', 'none', null].includes(headers.get('sec-fetch-site')) : !isOurs
  if (isForeign) throw new Refusal('access.denied')
}
