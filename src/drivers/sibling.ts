import { type Outcome, quoteWithout } from './outcome.ts'

/** A call to a sibling service, as these services call each other at their internal listeners. */
export interface SiblingCall {
  /** the service's base, without a slash at the end */
  uri: string
  method: string
  /** path and query */
  path: string
  /** what the service wants to be called with */
  key: string
  /** who calls */
  name: string
  /** what else goes with it: which trace it is part of */
  headers?: Record<string, string>
}

const TIMEOUT = 10_000
// The key may be an old one, and a service that starts says no to everybody: worth another try.
const PASSING = new Set([401, 403, 408, 425, 429])

/** Calls a sibling once; redirects are not followed, for the key would travel along. */
export async function callSibling({ uri, method, path, key, name, headers }: SiblingCall): Promise<Outcome> {
  try {
    const response = await fetch(uri + path, {
      method,
      headers: { ...headers, 'X-API-KEY': key, 'X-INTERNAL-NAME': name },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT),
    })
    await response.body?.cancel()
    const said = `HTTP ${response.status}`
    if (response.ok) return { sent: true, response: said }
    const permanent = response.status >= 400 && response.status < 500 && !PASSING.has(response.status)
    return { sent: false, permanent, reason: said }
  } catch (error) {
    const { name: kind, cause, message } = error as Error & { cause?: NodeJS.ErrnoException }
    const reason = kind === 'TimeoutError' ? 'The service did not answer in time' : (cause?.code ?? message)
    return { sent: false, permanent: false, reason: quoteWithout([key], reason) }
  }
}
