/** What every call of the console goes through: programs can do the same, see docs/console.md. */
import { noteOtherSessions } from './other-sessions.ts'

/** A refusal, whichever protocol said it. `code` is its machine-readable word, such as INVALID_TOKEN or GRD-MW-0003. */
export class ApiError extends Error {
  override name = 'ApiError'
  readonly status: number
  readonly code: string
  /** the whole answer, for what has more to say: captchas, password policies, positions of faults */
  readonly body: Readonly<Record<string, unknown>>
  readonly headers: Headers

  constructor(
    code: string,
    { status, headers }: Pick<Response, 'status' | 'headers'>,
    body: Readonly<Record<string, unknown>>,
  ) {
    super(code)
    this.code = code
    this.status = status
    this.headers = headers
    this.body = body
  }

  /** Seconds until the next try makes sense; 0 when nothing was said. */
  get retryAfter(): number {
    return Number(this.headers.get('retry-after') ?? 0) || 0
  }

  /** What the support desk can find in the log. */
  get requestId(): string {
    return this.headers.get('x-request-id') ?? ''
  }
}

/** The server could not be reached at all. */
export class Unreachable extends Error {
  override name = 'Unreachable'
}

export interface CallOptions {
  /** sent as JSON */
  json?: unknown
  form?: Record<string, string> | FormData
  bytes?: Blob | Uint8Array<ArrayBuffer>
  query?: Record<string, string | number | boolean | undefined>
  headers?: Record<string, string>
  signal?: AbortSignal
  /** by the cookie of a guest alone, whatever account is signed in beside it */
  as?: 'guest'
}

export interface Answer<T> {
  data: T
  headers: Headers
}

// In memory and nowhere else: `GET /session` gives it back after a reload. Without the cookie it opens nothing; that a
// call has it in a header shows that a page of ours made the call.
let handle: string | null = null
let onLost: () => void = () => {}

export function holdHandle(value: string | null): void {
  handle = value
}

/** Called when the server says that there is no session any more. */
export function whenLost(listener: () => void): void {
  onLost = listener
}

export const urlOf = (path: string, query: CallOptions['query'] = {}): string => {
  const url = new URL(path.replace(/^\//, ''), document.baseURI)
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value))
  return url.href
}

function bodyOf({ json, form, bytes }: CallOptions): { body?: BodyInit; type?: string } {
  if (json !== undefined) return { body: JSON.stringify(json), type: 'application/json' }
  if (form instanceof FormData) return { body: form }
  if (form) return { body: new URLSearchParams(form), type: 'application/x-www-form-urlencoded' }
  return bytes ? { body: bytes, type: 'application/octet-stream' } : {}
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

/** The machine-readable word of a refusal in any of the three protocols; OX Guard refuses with status 200. */
function codeOf(body: unknown): string | null {
  if (!isRecord(body)) return null
  if (typeof body.errorCode === 'string') return body.errorCode
  if (typeof body.error === 'string' && typeof body.code === 'string') return body.code
  if (body.ErrorCode !== undefined) return String(body.ErrorDescription ?? body.ErrorCode)
  return null
}

/** A request as it goes out: what the session is known by, and the body as its type says. */
export function requestOf(options: CallOptions): { headers: Headers; body: BodyInit | null } {
  const { body, type } = bodyOf(options)
  const headers = new Headers(options.headers)
  if (type && !headers.has('content-type')) headers.set('Content-Type', type)
  if (handle && options.as !== 'guest') headers.set('X-Axigen-Session', handle)
  return { headers, body: body ?? null }
}

/** An answer that is no refusal; one that is, is thrown as ApiError. */
export async function accepted(response: Response, { as }: Pick<CallOptions, 'as'> = {}): Promise<Response> {
  if (response.ok) {
    const others = response.headers.get('x-other-sessions')
    if (others) noteOtherSessions(Number(others))
    return response
  }
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '')
  const said: unknown = isJson ? await response.json().catch(() => null) : null
  const code = codeOf(said) ?? String(response.status)
  if (response.status === 401 && code === 'AUTH_REQUIRED' && as !== 'guest') onLost()
  throw new ApiError(code, response, isRecord(said) ? said : {})
}

/** Sends a request as it is; refusals are thrown as ApiError. The answer's body has not been read. */
export async function send(method: string, path: string, options: CallOptions = {}): Promise<Response> {
  const { signal = null } = options
  let response: Response
  try {
    response = await fetch(urlOf(path, options.query), { method, ...requestOf(options), signal })
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw new Unreachable()
  }
  return accepted(response, options)
}

/** Calls and reads the answer: JSON as what it is, text as text, nothing as null. */
export async function ask<T>(method: string, path: string, options: CallOptions = {}): Promise<Answer<T>> {
  const response = await send(method, path, options)
  const text = await response.text()
  const isJson = /\bjson\b|javascript/.test(response.headers.get('content-type') ?? '')
  const data: unknown = text === '' ? null : isJson ? JSON.parse(text) : text
  const code = isJson && isRecord(data) && 'error' in data ? codeOf(data) : null
  if (code !== null) throw new ApiError(code, response, data as Record<string, unknown>)
  return { data: data as T, headers: response.headers }
}

export const call = async <T = null>(method: string, path: string, options: CallOptions = {}): Promise<T> =>
  (await ask<T>(method, path, options)).data
