import { type Outcome, quoteWithout } from './outcome.ts'
import { signedHeaders } from './sigv4.ts'

export type SmsAuth =
  | { kind: 'none' }
  | { kind: 'basic'; user: string; password: string }
  | { kind: 'bearer'; token: string }

/** The knobs of a generic HTTP gateway, named as mail administrators know them from Axigen's SMS connector. */
export type SmsSettings = {
  url: string
  method: 'GET' | 'POST'
  /** How a POST carries its parameters; with `none`, as with GET, they go into the query. */
  contentType: 'none' | 'json' | 'formUrlEncoded'
  toParam: string
  bodyParam: string
  /** Empty when the gateway picks the sender itself. */
  fromParam: string
  from: string
  staticParams: Record<string, string>
  auth: SmsAuth
  timeoutMs?: number
}

export type Text = { id: string; to: string; text: string }
export type Texter = { send(text: Text): Promise<Outcome> }

type Question = {
  url: URL
  method: 'GET' | 'POST'
  headers: Record<string, string>
  body?: string
  secrets: string[]
  timeoutMs?: number
  /** For gateways that say "later" with a status that usually means "never". */
  isTemporary?(said: string): boolean
}

const formType = 'application/x-www-form-urlencoded; charset=utf-8'
const longestAnswer = 4096
const shortestKey = 6

/** A texter for any gateway that takes one HTTP request per message. */
export function smsTexter(settings: SmsSettings): Texter {
  const gateway = readUrl(settings.url)
  const auth = settings.auth
  // Gateways without an auth scheme take their key as a parameter, so every fixed value that could be one is secret.
  const fixed = [...Object.values(settings.staticParams), ...gateway.searchParams.values()]
  const secrets = fixed.filter((value) => value.length >= shortestKey)
  const headers: Record<string, string> = {}
  if (auth.kind === 'basic') {
    secrets.push(auth.password, `${auth.user}:${auth.password}`)
    headers.authorization = `Basic ${Buffer.from(`${auth.user}:${auth.password}`).toString('base64')}`
  }
  if (auth.kind === 'bearer') {
    secrets.push(auth.token)
    headers.authorization = `Bearer ${auth.token}`
  }

  return {
    send({ id, to, text }) {
      const params: Record<string, string> = { ...settings.staticParams }
      if (settings.fromParam && settings.from) params[settings.fromParam] = settings.from
      params[settings.toParam] = to
      params[settings.bodyParam] = text

      const question: Question = {
        url: new URL(gateway),
        method: settings.method,
        // Gateways that know this header do not send a text twice when their first answer got lost.
        headers: { ...headers, 'idempotency-key': encodeURIComponent(id) },
        secrets: [...secrets, ...codesIn(text)],
        timeoutMs: settings.timeoutMs,
      }
      if (settings.method === 'GET' || settings.contentType === 'none') {
        for (const [name, value] of Object.entries(params)) question.url.searchParams.set(name, value)
      } else if (settings.contentType === 'json') {
        question.headers['content-type'] = 'application/json'
        question.body = JSON.stringify(params)
      } else {
        question.headers['content-type'] = formType
        question.body = new URLSearchParams(params).toString()
      }
      return ask(question)
    },
  }
}

export type TwilioSettings = { accountSid: string; authToken: string; from: string; url?: string }

/** Twilio's Messages resource; `from` is a number, a sender name, or the sid of a messaging service. */
export function twilioPreset({ accountSid, authToken, from, url }: TwilioSettings): Texter {
  return smsTexter({
    url: url ?? `https://api.twilio.com/2010-04-01/Accounts/${encodeURIComponent(accountSid)}/Messages.json`,
    method: 'POST',
    contentType: 'formUrlEncoded',
    toParam: 'To',
    bodyParam: 'Body',
    fromParam: /^MG[0-9a-f]{32}$/i.test(from) ? 'MessagingServiceSid' : 'From',
    from,
    staticParams: {},
    auth: { kind: 'basic', user: accountSid, password: authToken },
  })
}

export type SnsSettings = {
  region: string
  accessKeyId: string
  secretAccessKey: string
  from?: string
  url?: string
  clock: { now(): number }
}

/** Amazon SNS, action Publish straight to a phone number; `from` is a sender id, where the country allows one. */
export function snsPreset({ region, accessKeyId, secretAccessKey, from, url, clock }: SnsSettings): Texter {
  const endpoint = readUrl(url ?? `https://sns.${region}.amazonaws.com/`)
  const attributes = { 'AWS.SNS.SMS.SMSType': 'Transactional', ...(from ? { 'AWS.SNS.SMS.SenderID': from } : {}) }
  return {
    send({ to, text }) {
      const form = new URLSearchParams({ Action: 'Publish', Version: '2010-03-31', PhoneNumber: to, Message: text })
      Object.entries(attributes).forEach(([name, value], index) => {
        const entry = `MessageAttributes.entry.${index + 1}`
        form.set(`${entry}.Name`, name)
        form.set(`${entry}.Value.DataType`, 'String')
        form.set(`${entry}.Value.StringValue`, value)
      })
      const request = { method: 'POST', url: endpoint, headers: { 'content-type': formType }, body: form.toString() }
      const key = { region, service: 'sns', accessKeyId, secretAccessKey }
      return ask({
        ...request,
        method: 'POST',
        headers: signedHeaders(request, key, clock),
        secrets: [secretAccessKey, ...codesIn(text)],
        isTemporary: (said) => /<Code>(Throttl\w*|RequestExpired)<\/Code>/.test(said),
      })
    },
  }
}

async function ask(question: Question): Promise<Outcome> {
  const { url, method, headers, body, secrets, timeoutMs = 10_000 } = question
  let response: Response
  try {
    // A redirect is not followed: it would carry the credentials and the code to a place nobody configured.
    response = await fetch(url, { method, headers, body, redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) })
  } catch (error) {
    return { sent: false, permanent: false, reason: quoteWithout(secrets, troubleOf(error)) }
  }
  const said = await readStart(response)
  const quote = `HTTP ${response.status} ${quoteWithout(secrets, said)}`.trim()
  if (response.ok) return { sent: true, response: quote }
  const mayPass = response.status === 408 || response.status === 429 || question.isTemporary?.(said) === true
  const permanent = response.status >= 400 && response.status < 500 && !mayPass
  return { sent: false, permanent, reason: quote }
}

/** The beginning of the answer. What breaks off midway still counts: the status has told the outcome already. */
async function readStart(response: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let room = longestAnswer
  try {
    for await (const part of response.body ?? []) {
      parts.push(part.subarray(0, room))
      room -= part.length
      if (room <= 0) break
    }
  } catch {}
  return Buffer.concat(parts).toString()
}

function troubleOf(error: unknown): string {
  const { name, message, cause } = error as Error & { cause?: NodeJS.ErrnoException }
  if (name === 'TimeoutError') return 'The gateway did not answer in time'
  return cause?.code ?? cause?.message ?? message
}

/** Gateways like to repeat the message in their answers, and the message is where the one-time code is. */
function codesIn(text: string): string[] {
  return [text, ...(text.match(/\d{3,}/g) ?? []), ...(text.match(/\S*\d\S*/g) ?? []).filter((word) => word.length > 3)]
}

function readUrl(text: string): URL {
  const url = URL.parse(text)
  // Neither message repeats the url: it may hold a key. fetch refuses credentials in it, loudly and with the url.
  if (!url || !/^https?:$/.test(url.protocol)) throw new Error('The SMS gateway must be an http:// or https:// url')
  if (url.username || url.password) throw new Error('Credentials for the SMS gateway belong into its auth settings')
  return url
}
