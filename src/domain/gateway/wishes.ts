import type { Context } from '#src/context.ts'
import { readableText } from '#src/lib/mime/mailboxes.ts'
import { headerValue, headerValues, type SplitMessage } from '#src/lib/mime/message.ts'

/** What a mail asks of the gateway, by header fields and by a tag in its subject, neither of which is passed on. */
export interface Wishes {
  /** demanded: null where the mail says nothing */
  encrypt: boolean | null
  sign: boolean | null
  /** the subject without the tag, as a whole field; null where it stays as it is */
  subject: string | null
}

const ENCRYPT = 'x-chatelaine-encrypt'
const SIGN = 'x-chatelaine-sign'

/** The fields by which a mail asks. */
export const askingFields: readonly string[] = [ENCRYPT, SIGN]

/** Only a plain no is one: a slip of the pen must not have a mail go out in the clear. */
function saidIn(header: SplitMessage, field: string): boolean | null {
  const said = headerValues(header, field)
  return said.length === 0 ? null : said.some((value) => value.toLowerCase() !== 'no')
}

// RFC 2047, section 2: 75 characters for each word, of which twelve are not its text.
const WORD_BYTES = 45

/** Text of any letters as a field has it (RFC 2047). */
function encodedText(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text) && text.length < 900) return text
  const words = ['']
  for (const letter of text) {
    if (Buffer.byteLength(words.at(-1)! + letter) > WORD_BYTES) words.push('')
    words[words.length - 1] += letter
  }
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join('\r\n ')
}

/** The subject without the tag, and null when it does not have it. Capitals and small letters are the same. */
function untagged(subject: string, tag: string): string | null {
  const found = new RegExp(RegExp.escape(tag), 'gi')
  const text = readableText(subject)
  return tag !== 'none' && text.search(found) !== -1 ? text.replace(found, ' ').replace(/\s+/g, ' ').trim() : null
}

export function wishesOf({ config }: Context, header: SplitMessage): Wishes {
  const subject = untagged(headerValue(header, 'subject') ?? '', config.gatewaySubjectTag.trim())
  const encrypt = saidIn(header, ENCRYPT)
  return {
    encrypt: subject === null ? encrypt : true,
    sign: saidIn(header, SIGN),
    subject: subject === null ? null : `Subject: ${encodedText(subject)}\r\n`,
  }
}
