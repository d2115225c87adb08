import { addressBookQuery, type DAVResponse, getBasicAuthHeaders, propfind } from 'tsdav'

/** Where and how to read the address books of one person. */
export interface CardDavRequest {
  /** address book home of a person; {user} and {domain} stand for the parts of his address, behind the host only */
  url: string
  /** who reads it; the same stand in it for the same; absent: nobody in particular */
  user?: string
  password: string
  /** whose */
  address: string
  /** milliseconds that all requests together may take */
  timeoutMs: number
  /** bytes that all answers together may have */
  sizeLimit: number
}

export type Cards = { uid: string; card: string }[]

const REDIRECTS_AT_MOST = 3
const BOOKS_AT_MOST = 20

/** Puts the parts of an address into a pattern. */
function filled(pattern: string, address: string, encode: (part: string) => string): string {
  const at = address.lastIndexOf('@')
  const parts: Record<string, string> = { user: address.slice(0, at), domain: address.slice(at + 1) }
  return pattern.replace(/\{(user|domain)\}/g, (_, name: string) => encode(parts[name]!))
}

/** Nothing of an address may mean more than itself, and nothing of it leads to another host. */
function homeOf(pattern: string, address: string): URL {
  const home = new URL(filled(pattern, address, encodeURIComponent))
  if (home.origin !== new URL(pattern.replace(/\{(user|domain)\}/g, 'x')).origin)
    throw new Error('the CardDAV server is another for each person')
  return home
}

async function boundedText(response: Response, budget: { left: number }): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of response.body ?? []) {
    budget.left -= chunk.length
    if (budget.left < 0) throw new Error('the CardDAV server answers too much')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

/**
 * A `fetch` that goes to one host only and within bounds. The library takes the next URL from the answer before, and
 * sends the password along: neither that nor a redirect may lead elsewhere.
 */
function boundedFetch({ origin, signal, sizeLimit }: { origin: string; signal: AbortSignal; sizeLimit: number }) {
  const budget = { left: sizeLimit }
  const ask = async (input: string | URL | Request, init: RequestInit = {}, redirects = 0): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : input)
    if (url.origin !== origin) throw new Error('the CardDAV server points to another host')
    const response = await fetch(url, { ...init, redirect: 'manual', signal })
    const location = response.headers.get('location')
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel()
      if (redirects >= REDIRECTS_AT_MOST) throw new Error('the CardDAV server redirects without end')
      return ask(new URL(location, url), init, redirects + 1)
    }
    const { status, statusText, headers } = response
    return new Response((await boundedText(response, budget)) || null, { status, statusText, headers })
  }
  return ask as typeof fetch
}

const isBook = ({ props }: DAVResponse): boolean =>
  Object.keys((props?.resourcetype as object | undefined) ?? {}).includes('addressbook')

/** The library has the answer in its errors, which is nothing for a log. */
const inShort = (error: unknown): Error => {
  const { name, message } = error as Error
  if (name === 'TimeoutError') return new Error('the CardDAV server is too slow')
  return new Error(/^Collection query failed: (\d*)/.exec(message)?.[0] ?? message.slice(0, 200))
}

const textOf = (value: unknown): string => {
  const text = (value as { _cdata?: unknown } | null | undefined)?._cdata ?? value
  return typeof text === 'string' ? text : ''
}

async function read({ url, user, password, address, timeoutMs, sizeLimit }: CardDavRequest): Promise<Cards> {
  const home = homeOf(url, address)
  const headers =
    user === undefined ? {} : getBasicAuthHeaders({ username: filled(user, address, (part) => part), password })
  const request = {
    headers: headers as Record<string, string>,
    depth: '1' as const,
    fetch: boundedFetch({ origin: home.origin, signal: AbortSignal.timeout(timeoutMs), sizeLimit }),
  }
  const found = await propfind({ ...request, url: home.href, props: { 'd:resourcetype': {} } })
  const [first] = found
  // Not everybody has an address book there.
  if (first?.status === 404) return []
  if (!first?.ok) throw new Error(`the CardDAV server answers ${first?.status}`)
  const cards: Cards = []
  for (const { href } of found.filter(isBook).slice(0, BOOKS_AT_MOST)) {
    const props = { 'd:getetag': {}, 'card:address-data': {} }
    const answers = await addressBookQuery({ ...request, url: new URL(href ?? '', home).href, props })
    for (const { href: uid = '', props } of answers) {
      const card = textOf(props?.addressData)
      if (card) cards.push({ uid, card })
    }
  }
  return cards
}

/**
 * Every card of every address book in the home of a person (CardDAV, RFC 6352); none where he has no home. The operator
 * names the host, so it may be a private one. Throws an error with few words, and nothing of what was read in them. Not
 * for the main thread: the XML of a large book takes its time.
 */
export async function readAddressBooks(wanted: CardDavRequest): Promise<Cards> {
  try {
    return await read(wanted)
  } catch (error) {
    throw inShort(error)
  }
}
