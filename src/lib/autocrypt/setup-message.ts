import type { Chance } from '../chance.ts'
import { headerValue, headerValues, splitMessage } from '../mime/message.ts'
import { decodedBody, entityOf, newBoundary, partsOf } from '../mime/multipart.ts'
import { addressesOf } from '../mime/recipients.ts'
import { writtenDate } from '../sent-date.ts'

const GROUPS = 9
const PREFERENCE = 'Autocrypt-Prefer-Encrypt'

/** A code to open a setup message with (Autocrypt 1.1, section 4.4.2): nine groups of four digits. */
export const newSetupCode = (chance: Chance): string =>
  Array.from({ length: GROUPS }, () => String(chance.below(10_000)).padStart(4, '0')).join('-')

/** A code as it was typed, with blanks or without dashes; what does not have its 36 digits is left as it is. */
export function typedSetupCode(text: string): string {
  const digits = text.replace(/[\s-]/g, '')
  return /^\d{36}$/.test(digits) ? digits.match(/\d{4}/g)!.join('-') : text.trim()
}

const withHeaders = (armored: string, headers: readonly string[]): string =>
  armored.replace(/^(-----BEGIN PGP [A-Z ]+-----)\r?\n/, (_, begin: string) => [begin, ...headers, ''].join('\n'))

/** What is to be encrypted with the code: the armored secret key, and whether its owner prefers encryption. */
export const setupContent = (secretArmor: string, prefersEncryption: boolean): Uint8Array =>
  Buffer.from(withHeaders(secretArmor, [`${PREFERENCE}: ${prefersEncryption ? 'mutual' : 'nopreference'}`]), 'utf8')

const words = [
  'This mail holds your key and your Autocrypt settings, locked with a setup code.',
  '',
  'Open it in another mail program that knows Autocrypt, and type the code there: your encrypted mail',
  'can be read with that program too. With the code noted down somewhere, the mail is a backup of your key.',
]

const attachment = [
  'Import this into a mail program that knows Autocrypt. It asks for the setup code that you were shown',
  'when this file was made.',
  '',
]

/** The whole mail from somebody to himself (section 4.4.1). `sealed`: the armored message; `chance`: random bytes, `BOUNDARY_BYTES` of them. */
export function writeSetupMessage({
  address,
  date,
  code,
  sealed,
  chance,
}: {
  address: string
  /** epoch milliseconds */
  date: number
  code: string
  sealed: string
  chance: Uint8Array
}): string {
  const boundary = newBoundary(chance)
  const armored = withHeaders(sealed.trim(), ['Passphrase-Format: numeric9x4', `Passphrase-Begin: ${code.slice(0, 2)}`])
  return [
    `From: <${address}>`,
    `To: <${address}>`,
    'Subject: Autocrypt Setup Message',
    `Date: ${writtenDate(date)}`,
    'Autocrypt-Setup-Message: v1',
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=us-ascii',
    '',
    ...words,
    '',
    `--${boundary}`,
    'Content-Type: application/autocrypt-setup',
    'Content-Disposition: attachment; filename="autocrypt-setup-message.txt"',
    '',
    ...attachment,
    ...armored.split(/\r?\n/),
    '',
    `--${boundary}--`,
    '',
  ].join('\r\n')
}

export interface SetupMessage {
  from: string[]
  to: string[]
  /** the armored message alone */
  sealed: Uint8Array
  /** may the code be typed in any form? Only where it is known to be nine groups of digits */
  isNumeric: boolean
}

/** Reads a setup message; null when it is none, or not made as it must be (section 4.4.4). */
export function readSetupMessage(mail: Uint8Array): SetupMessage | null {
  const message = splitMessage(mail)
  if (headerValue(message, 'autocrypt-setup-message') !== 'v1') return null
  const whole = entityOf(mail)
  if (whole.contentType.type !== 'multipart/mixed') return null
  const [, second] = partsOf(whole, 3)
  if (!second) return null
  const part = entityOf(second)
  if (part.contentType.type !== 'application/autocrypt-setup') return null
  const text = Buffer.from(decodedBody(part)).toString('latin1')
  const start = text.indexOf('-----BEGIN PGP MESSAGE-----')
  const mark = '-----END PGP MESSAGE-----'
  const end = text.indexOf(mark, start)
  if (start < 0 || end < 0) return null
  const sealed = text.slice(start, end + mark.length)
  return {
    from: addressesOf(headerValues(message, 'from')),
    to: addressesOf(headerValues(message, 'to')),
    sealed: Buffer.from(`${sealed}\n`, 'latin1'),
    isNumeric: /^Passphrase-Format: *numeric9x4\s*$/im.test(sealed.slice(0, 1000)),
  }
}

/** What was inside: the armor of the secret key and nothing behind it, and the preference. null when there is no key. */
export function readSetupContent(content: Uint8Array): { secret: Uint8Array; prefersEncryption: boolean } | null {
  const text = Buffer.from(content).toString('latin1')
  const mark = '-----END PGP PRIVATE KEY BLOCK-----'
  const end = text.indexOf(mark)
  if (!text.trimStart().startsWith('-----BEGIN PGP PRIVATE KEY BLOCK-----') || end < 0) return null
  const preference = new RegExp(`^${PREFERENCE}: *(\\S+)`, 'im').exec(text.slice(0, 1000))?.[1]
  return {
    secret: Buffer.from(`${text.slice(0, end + mark.length).trimStart()}\n`, 'latin1'),
    prefersEncryption: preference?.toLowerCase() === 'mutual',
  }
}
