import { ApiError, type CallOptions, send } from './client.ts'
import { parseExact } from './exact-json.ts'
import { refreshSession } from './session.ts'

/** A key or subkey of a ring: docs/guard.md. Its `id` is a 64-bit number, kept as its digits. */
export interface GuardKey {
  id: string
  keyId: string
  fingerprint: string
  /** milliseconds since 1970 */
  creationTime: number
  /** 0 for ever */
  validSeconds: number
  expired: boolean
  revoked: boolean
  usedForEncryption: boolean
  usedForSigning: boolean
  hasPrivateKey: boolean
  algorithm: string
  bits: number | null
  curve: string | null
  encryptable: boolean
  reason?: string
  userIds: string[]
  masterKey: boolean
}

export interface PublicRing {
  ring: string
  encryptable: boolean
  reason?: string
  /** the primary key first */
  keys: GuardKey[]
}

export interface Warning {
  code: string
  reason?: string
  error_params: string[]
}

// The refusals that have a word of their own in the other protocols. The rest keep the codes of OX Guard.
const words: Readonly<Record<string, string>> = {
  'SVL-0002': 'BAD_PARAMETER',
  'SVL-0009': 'BAD_PARAMETER',
  'SVL-0010': 'BAD_PARAMETER',
  'SVL-0015': 'NOT_AVAILABLE',
  'SVL-0016': 'ACCESS_DENIED',
  'SVL-0019': 'TOO_MANY_REQUESTS',
  'SVL-0020': 'REQUEST_TIMEOUT',
  'SES-0201': 'AUTH_REQUIRED',
  'SES-0203': 'AUTH_REQUIRED',
  'SES-0206': 'AUTH_REQUIRED',
}

interface Said {
  data?: unknown
  error?: string
  code?: string
  warnings?: Warning[]
}

function refusal(code: string, from: Pick<Response, 'status' | 'headers'>, body: Readonly<Record<string, unknown>>) {
  const word = words[code] ?? code
  // The other protocols say it with a status, which `send` listens to.
  if (word === 'AUTH_REQUIRED') void refreshSession()
  return new ApiError(word, from, body)
}

async function answerOf(method: string, path: string, options: CallOptions): Promise<Said> {
  const response = await send(method, `/appsuite/api/${path}`, options).catch((error: unknown) => {
    throw error instanceof ApiError ? refusal(error.code, error, error.body) : error
  })
  const text = await response.text()
  const isJson = /\bjson\b/.test(response.headers.get('content-type') ?? '')
  const said = isJson ? (parseExact(text) as Said) : { data: text }
  if (said.error !== undefined && said.code !== undefined) throw refusal(said.code, response, { ...said })
  return said
}

const paths = { keys: 'oxguard/keys', login: 'oxguard/login', contacts: 'contacts' } as const

type Module = keyof typeof paths

/** Calls an action of OX Guard, and answers its `data`; what went well but not as asked is in `warnings`. */
export async function warnedGuard<T>(
  method: string,
  module: Module,
  action: string,
  { query, ...options }: CallOptions = {},
): Promise<{ data: T; warnings: Warning[] }> {
  const said = await answerOf(method, paths[module], { ...options, query: { action, ...query } })
  return { data: ('data' in said ? said.data : said) as T, warnings: said.warnings ?? [] }
}

/** Calls an action of OX Guard, and answers its `data`. */
export const guard = async <T = unknown>(
  method: string,
  module: Module,
  action: string,
  options: CallOptions = {},
): Promise<T> => (await warnedGuard<T>(method, module, action, options)).data
