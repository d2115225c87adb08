import type { Person } from './people.ts'

export interface Draft {
  /** its Message-ID, without angle brackets: what is sent again under the same is sent once */
  id: string
  from: Person
  to: readonly Person[]
  cc: readonly Person[]
  bcc: readonly Person[]
  subject: string
  text: string
  files: readonly File[]
}

/** What the server takes of a mail where nobody has set it otherwise (CHATELAINE_MAIL_LIMIT). */
export const MAIL_LIMIT = 72 * 1024 * 1024

// Base64 in lines of 76: what it makes of bytes, and what a part needs beside them.
const PART_HEADER = 600
const encodedSize = (bytes: number): number => Math.ceil(bytes / 57) * 78 + PART_HEADER

export const sizeOf = (files: readonly File[]): number => files.reduce((sum, { size }) => sum + encodedSize(size), 0)

/** What files may have together, so that a mail with them is taken. */
export const FILES_LIMIT = Math.floor((MAIL_LIMIT * 57) / 78 / 1_000_000) * 1_000_000

const utf8 = new TextEncoder()

const base64 = (bytes: Uint8Array): string => {
  let text = ''
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return btoa(text)
}

const lines = (text: string): string => text.replace(/(.{76})(?=.)/g, '$1\r\n')

/** Nothing of what was entered begins a line of the header. */
const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, ' ').trim()

// An encoded word has 75 characters at most (RFC 2047, section 2), and ends with a whole letter.
const WORD_BYTES = 42

function wordsOf(text: string): string {
  const words: string[] = []
  let word = ''
  for (const letter of text) {
    if (utf8.encode(word + letter).length > WORD_BYTES) {
      words.push(word)
      word = ''
    }
    word += letter
  }
  return [...words, word].map((one) => `=?UTF-8?B?${base64(utf8.encode(one))}?=`).join('\r\n ')
}

const PLAIN = /^[\x20-\x7e]*$/
const SHORT = 60

const textField = (text: string): string => {
  const line = oneLine(text)
  return PLAIN.test(line) && line.length <= SHORT && !line.includes('=?') ? line : wordsOf(line)
}

function mailbox({ name, address }: Person): string {
  const line = oneLine(name)
  if (line === '') return address
  if (!PLAIN.test(line) || line.length > SHORT) return `${wordsOf(line)} <${address}>`
  return `"${line.replace(/["\\]/g, '\\$&')}" <${address}>`
}

const people = (name: string, all: readonly Person[]): string[] =>
  all.length === 0 ? [] : [`${name}: ${all.map(mailbox).join(',\r\n ')}`]

/** The name of a file, in ASCII for everybody and as it is for those who read more (RFC 2231). */
function fileName(name: string): string {
  const line = oneLine(name)
  const ascii = line.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  if (ascii === line) return `filename="${line}"`
  const encoded = encodeURIComponent(line).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)
  return `filename="${ascii}";\r\n filename*=UTF-8''${encoded}`
}

const TYPE = /^[\w.+-]+\/[\w.+-]+$/

const textPart = (text: string): string =>
  `Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${lines(
    base64(utf8.encode(text.replace(/\r\n|\r|\n/g, '\r\n'))),
  )}\r\n`

// A multiple of 57, so that each piece is whole lines.
const PIECE = 57 * 16_384

/** A file as a part of a mail, read piece by piece. */
async function filePart(file: File): Promise<BlobPart[]> {
  // A part that is a mail itself must not be encoded (RFC 2046, 5.2.1).
  const type =
    TYPE.test(file.type) && !/^(message|multipart)\//.test(file.type) ? file.type : 'application/octet-stream'
  const parts: BlobPart[] = [
    `Content-Type: ${type}\r\nContent-Disposition: attachment; ${fileName(file.name)}\r\nContent-Transfer-Encoding: base64\r\n\r\n`,
  ]
  for (let at = 0; at < file.size; at += PIECE) {
    const bytes = new Uint8Array(await file.slice(at, at + PIECE).arrayBuffer())
    // As a Blob of its own it need not stay in the memory of the page.
    parts.push(new Blob([lines(base64(bytes)), '\r\n']))
  }
  return parts
}

/** The whole mail as it is sent (RFC 5322). */
export async function composed({ id, from, to, cc, bcc, subject, text, files }: Draft): Promise<Blob> {
  const header = [
    ...people('From', [from]),
    ...people('To', to),
    ...people('Cc', cc),
    ...people('Bcc', bcc),
    `Subject: ${textField(subject)}`,
    `Message-ID: <${id}>`,
    'MIME-Version: 1.0',
  ].join('\r\n')
  if (files.length === 0) return new Blob([`${header}\r\n`, textPart(text)])
  const boundary = `=_${crypto.randomUUID()}`
  const parts: BlobPart[] = []
  for (const file of files) parts.push(`--${boundary}\r\n`, ...(await filePart(file)))
  return new Blob([
    `${header}\r\nContent-Type: multipart/mixed; boundary="${boundary}"\r\n\r\n--${boundary}\r\n`,
    textPart(text),
    ...parts,
    `--${boundary}--\r\n`,
  ])
}

export const newId = (address: string): string => `${crypto.randomUUID()}@${address.split('@').at(-1)}`
