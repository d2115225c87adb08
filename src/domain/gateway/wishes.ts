import type { Context } from '#src/context.ts'
import { encodedText } from '#src/lib/mime/encoded-words.ts'
import { readableText } from '#src/lib/mime/mailboxes.ts'
import { headerValues, type SplitMessage } from '#src/lib/mime/message.ts'

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

/**
 * The subject without the tag, and null when it does not have it. Capitals and small letters are the same. Of several
 * subjects, which no two programs read alike, any may have it.
 */
function untagged(subjects: readonly string[], tag: string): string | null {
  if (tag === 'none') return null
  const found = new RegExp(RegExp.escape(tag), 'gi')
  const texts = subjects.map(readableText)
  // As it came too: only the first part of a very long one is decoded.
  const isTagged = [...texts, ...subjects].some((text) => text.search(found) !== -1)
  return isTagged ? texts[0]!.replace(found, ' ').replace(/\s+/g, ' ').trim() : null
}

export function wishesOf({ config }: Context, header: SplitMessage): Wishes {
  const subject = untagged(headerValues(header, 'subject'), config.gatewaySubjectTag.trim())
  const encrypt = saidIn(header, ENCRYPT)
  return {
    encrypt: subject === null ? encrypt : true,
    sign: saidIn(header, SIGN),
    subject: subject === null ? null : `Subject: ${encodedText(subject)}\r\n`,
  }
}
