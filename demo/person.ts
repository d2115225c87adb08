import { TOTP } from 'otpauth'

export interface Answer {
  status: number
  headers: Headers
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: the demo reads wire answers as a script would
  json: any
}

/** Calls the server as any client would. */
export async function call(
  url: string,
  {
    method = 'GET',
    json,
    form,
    raw,
    headers = {},
  }: {
    method?: string
    json?: unknown
    form?: Record<string, string>
    raw?: Uint8Array
    headers?: Record<string, string>
  } = {},
): Promise<Answer> {
  const type: Record<string, string> = json !== undefined ? { 'Content-Type': 'application/json' } : {}
  const body = json !== undefined ? JSON.stringify(json) : form ? new URLSearchParams(form) : raw
  const response = await fetch(url, { method, headers: { ...type, ...headers }, body: body as RequestInit['body'] })
  const text = await response.text()
  return {
    status: response.status,
    headers: response.headers,
    text,
    get json() {
      return JSON.parse(text)
    },
  }
}

/** The cookies that an answer gives, as they are sent back. */
export const cookieOf = (answer: { headers: Headers }): string =>
  answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .join('; ')

const PERIOD = 30_000

/** An authenticator: gives each code once, in their order, as the server takes each once. */
export function authenticator(uri: string): { next(): Promise<string> } {
  const parameters = new URL(uri).searchParams
  const totp = new TOTP({ secret: parameters.get('secret')!, digits: 6, period: 30, algorithm: 'SHA1' })
  let last = 0
  return {
    async next() {
      // The code of the step before, the present one and the next one are all good at this moment.
      const now = Math.floor(Date.now() / PERIOD)
      const step = Math.max(last + 1, now - 1)
      if (step > now + 1) await new Promise((resolve) => setTimeout(resolve, (step - 1) * PERIOD - Date.now() + 50))
      last = step
      return totp.generate({ timestamp: step * PERIOD })
    },
  }
}

/** Waits until a 30-second step has some seconds left, so that three codes in a row are good. */
export async function awaitFreshStep(): Promise<void> {
  const left = PERIOD - (Date.now() % PERIOD)
  if (left < 8000) await new Promise((resolve) => setTimeout(resolve, left + 50))
}
