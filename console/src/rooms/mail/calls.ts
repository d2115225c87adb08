import { call } from '../../api/client.ts'
import { upload } from '../../api/upload.ts'

const MAIL = '/api/v1/mail'

export interface Mailbox {
  address: string
  name: string
}

export interface Signature {
  keyId: string
  fingerprint: string | null
  status: 'valid' | 'invalid' | 'unknown-key' | 'key-expired' | 'key-revoked'
  signer: string | null
  created: string | null
  matchesSender: boolean
  source: string | null
  trusted: boolean
  keyExpired: string | null
}

export type Result = 'good' | 'partly' | 'other' | 'bad' | 'unknown' | 'none'

export interface Attachment {
  index: number
  name: string
  type: string
  bytes: number
  /** base64 */
  data: string
}

/** What `POST /mail/view` says of a mail: docs/mail.md. */
export interface Letter {
  encrypted: boolean
  format: 'pgp-mime' | 'pgp-inline' | 'signed' | 'clearsigned'
  hasMore: boolean
  verification: { result: Result }
  protectedHeaders: { name: string; protection: string; changed: boolean }[]
  signatures: Signature[]
  headers: { from: Mailbox[]; to: Mailbox[]; cc: Mailbox[]; date: string | null; subject: string }
  blockedRemoteContent: boolean
  isWhole: boolean
  isHtml: boolean
  text: string
  html: string
  attachments: Attachment[]
}

/** What a call with a large body needs besides the body. */
export interface Going {
  /** what opens the key, where something must */
  headers?: Record<string, string>
  onProgress?: (part: number) => void
}

const asMail = { 'Content-Type': 'message/rfc822' }

export const viewMail = async (mail: Blob, { headers, ...going }: Going): Promise<Letter> =>
  (await upload(`${MAIL}/view`, { bytes: mail, headers: { ...asMail, ...headers }, ...going })).json()

/** The readable mail itself, as a file. */
export async function readableMail(mail: Blob, { headers, ...going }: Going): Promise<Blob> {
  const answer = await upload(`${MAIL}/decrypt`, { bytes: mail, headers: { ...asMail, ...headers }, ...going })
  const { message, messageEncoding } = (await answer.json()) as { message: string; messageEncoding: string }
  return new Blob([messageEncoding === 'base64' ? bytesOf(message) : message], { type: 'message/rfc822' })
}

export function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64)
  const bytes = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at)
  return bytes
}

export type Role = 'to' | 'cc' | 'bcc'

export interface PlannedKey {
  fingerprint: string
  source: string
  trusted: boolean
  verified: boolean
  expires: string | null
}

export interface Planned {
  address: string
  role: Role
  how: 'encrypted' | 'guest' | 'clear-only'
  key: PlannedKey | null
  guest: { exists: boolean; hasPassword: boolean; refuses: boolean } | null
  reason: string | null
}

export interface Plan {
  author: { address: string; key: { fingerprint: string } | null; canSign: boolean; needsPassword: boolean }
  recipients: Planned[]
  canEncrypt: boolean
  canSend: boolean
  newGuests: string[]
  newKeys: string[]
}

export const planMail = (people: Partial<Record<Role, string[]>>, signal?: AbortSignal): Promise<Plan> =>
  call<Plan>('POST', `${MAIL}/plan`, { json: people, ...(signal ? { signal } : {}) })

export interface Fate {
  address: string
  how: 'encrypted' | 'guest'
  source: string
  pin?: string
}

export interface Sent {
  id: string
  recipients: Fate[]
  messageEncoding: 'utf-8' | 'base64' | null
  /** the author's copy; null when he has no key */
  message: string | null
}

export interface SendingWish {
  sign: boolean
  pin: boolean
  language: string
  greeting: string
}

export async function sendMail(
  mail: Blob,
  { sign, pin, language, greeting }: SendingWish,
  { headers, ...going }: Going,
): Promise<Sent> {
  const said: Record<string, string> =
    greeting.trim() === '' ? {} : { 'X-Guest-Greeting': encodeURIComponent(greeting.trim()) }
  const answer = await upload(`${MAIL}/send`, {
    bytes: mail,
    query: { sign, pin, language },
    headers: { ...asMail, ...said, ...headers },
    ...going,
  })
  return answer.json()
}

/** A file of an answer, under the name that it has there. */
export interface Named {
  name: string
  file: Blob
  signatures: Signature[]
}

function nameIn(disposition: string | null): string {
  const [, encoded] = /filename\*=UTF-8''([^;]+)/i.exec(disposition ?? '') ?? []
  const [, plain] = /filename="([^"]+)"/.exec(disposition ?? '') ?? []
  return encoded ? decodeURIComponent(encoded) : (plain ?? 'file')
}

async function fileIn(answer: Response): Promise<Named> {
  const name = nameIn(answer.headers.get('content-disposition'))
  return { name, signatures: JSON.parse(answer.headers.get('x-signatures') ?? '[]'), file: await answer.blob() }
}

export const encryptFile = async (
  file: File,
  { to, sign }: { to: readonly string[]; sign: boolean },
  going: Going,
): Promise<Named> =>
  fileIn(
    await upload(`${MAIL}/files/encrypt`, {
      bytes: file,
      query: { to: to.join(','), sign, name: file.name },
      ...going,
    }),
  )

export const decryptFile = async (file: File, going: Going): Promise<Named> =>
  fileIn(await upload(`${MAIL}/files/decrypt`, { bytes: file, ...going }))

export async function signFile(file: File, going: Going): Promise<Named> {
  const answer = await upload(`${MAIL}/files/sign`, { bytes: file, ...going })
  return { name: `${file.name}.asc`, file: await answer.blob(), signatures: [] }
}

export async function verifyFile(data: File, signature: File, { onProgress }: Going): Promise<Signature[]> {
  const form = new FormData()
  form.set('data', data)
  form.set('signature', signature)
  const answer = await upload(`${MAIL}/files/verify`, { form, ...(onProgress ? { onProgress } : {}) })
  return ((await answer.json()) as { signatures: Signature[] }).signatures
}
