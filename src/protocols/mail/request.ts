import { z } from 'zod'
import type { MailOptions } from '#src/domain/mail/mail.ts'
import { Refusal } from '#src/domain/refusals.ts'

export { proofOf } from '#src/http/key-proof.ts'

/** Where the session may be named; anything else in the query is refused. */
export const sessionQuery = { _h: z.string().optional(), session: z.string().optional() }

export const truth = z.enum(['true', 'false'])

/** What a message is to bring, and in which form. */
export const optionsQuery = {
  autocrypt: truth.default('true'),
  protect: truth.optional(),
  attachKey: truth.default('false'),
  format: z.enum(['mime', 'inline']).default('mime'),
}

type OptionsQuery = z.infer<z.ZodObject<typeof optionsQuery>>

/** An inline message is one text: nothing can be attached to it, and no header be put inside. */
export function optionsOf({ autocrypt, protect, attachKey, format }: OptionsQuery): MailOptions {
  const asked = { protect: protect === 'true', attachKey: attachKey === 'true' }
  const impossible = Object.entries(asked).flatMap(([name, isAsked]) => (isAsked ? [name] : []))
  if (format === 'inline' && impossible.length > 0)
    throw new Refusal('input.invalid', { params: impossible.map((name) => `${name}, which inline has no place for`) })
  return {
    autocrypt: autocrypt === 'true',
    protect: format === 'mime' && protect !== 'false',
    attachKey: asked.attachKey,
    format,
  }
}

export const mailBody = z.instanceof(Uint8Array)

/** A message says that it is one: message/rfc822, or message/global when its header is UTF-8 (RFC 6532). */
export function judgeContentType(headers: Headers): void {
  const type = (headers.get('content-type') ?? '').split(';')[0]!.trim().toLowerCase()
  if (type !== 'message/rfc822' && type !== 'message/global')
    throw new Refusal('input.invalid', { params: ['Content-Type, which must be message/rfc822'] })
}
