import assert from 'node:assert/strict'
import { request } from 'node:https'

/** An answer of a server: `json` throws where it is none. */
export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  bytes: Buffer
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: a client looks into answers freely
  json: any
}

export interface Server {
  url: string
  /** PEM that its certificate is judged by */
  ca: string
}

interface Sent {
  form?: Record<string, string>
  body?: Uint8Array | string
  headers?: Record<string, string>
}

/** One request over TLS, and nothing else: no in-house knowledge. */
export function ask({ url, ca }: Server, method: string, path: string, { form, body, headers }: Sent = {}) {
  const sent = form ? new URLSearchParams(form).toString() : body
  const type: Record<string, string> = form ? { 'Content-Type': 'application/x-www-form-urlencoded' } : {}
  return new Promise<Answer>((resolve, reject) => {
    const asking = request(url + path, { method, ca, headers: { ...type, ...headers } }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        const bytes = Buffer.concat(chunks)
        resolve({
          status: answer.statusCode!,
          headers: answer.headers,
          bytes,
          text: bytes.toString(),
          get json() {
            return JSON.parse(bytes.toString())
          },
        })
      })
    })
    asking.on('error', reject)
    asking.end(sent)
  })
}

/** What an App Suite client does for its user. */
export interface OxClient {
  /** The key module: answers `data`, or throws the error's code. */
  keys(method: string, query: string, form?: Record<string, string>): Promise<Answer['json']>
  encrypt(mail: string, password: string): Promise<Answer>
  decrypt(mail: Uint8Array, password: string): Promise<Answer>
}

export async function signIn(server: Server, name: string, password: string): Promise<OxClient> {
  const opened = await ask(server, 'POST', '/appsuite/api/login?action=login', { form: { name, password } })
  const { session } = opened.json
  assert.ok(session, opened.text)
  const Cookie = [opened.headers['set-cookie']]
    .flat()
    .map((one) => one!.split(';')[0])
    .join('; ')
  const mail = (call: string, message: Uint8Array | string, keyPassword: string) =>
    ask(server, 'POST', `/api/v1/mail/${call}session=${session}`, {
      body: message,
      headers: { Cookie, 'Content-Type': 'message/rfc822', 'X-Key-Password': encodeURIComponent(keyPassword) },
    })
  return {
    async keys(method, query, form) {
      const path = `/appsuite/api/oxguard/keys?${query}&session=${session}`
      const answer = await ask(server, method, path, { ...(form ? { form } : {}), headers: { Cookie } })
      if (answer.json.error) throw new Error(`${answer.json.code}: ${answer.json.error}`)
      return answer.json.data
    },
    encrypt: (message, keyPassword) => mail('encrypt?sign=true&', message, keyPassword),
    decrypt: (message, keyPassword) => mail('decrypt?', message, keyPassword),
  }
}
