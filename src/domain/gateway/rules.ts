import { domainToUnicode } from 'node:url'
import type { Context } from '#src/context.ts'
import { asciiAddress } from '#src/lib/mail-address.ts'
import { parseContentType } from '#src/lib/mime/content-type.ts'
import { headerValue, type SplitMessage } from '#src/lib/mime/message.ts'
import type { Wishes } from './wishes.ts'

/** `refused`: what the author demands is not done for this recipient; the mail must not go out without it. */
export type Encryption = 'off' | 'known' | 'always' | 'refused'

type Rules = Pick<Context['config'], 'gatewayEncrypt' | 'gatewayRules'>

/**
 * How a mail to one recipient is encrypted: by the rule for his domain, else by the rule for all. An author may demand
 * more, and do without what is done unasked; what the operator wants done always is done always.
 */
export function encryptionFor(
  { gatewayEncrypt, gatewayRules }: Rules,
  recipient: string,
  { encrypt }: Pick<Wishes, 'encrypt'>,
): Encryption {
  const address = asciiAddress(recipient)
  const domain = address.slice(address.lastIndexOf('@') + 1)
  const rule = gatewayRules.get(domain) ?? gatewayRules.get(domainToUnicode(domain)) ?? gatewayEncrypt
  if (rule === 'always') return 'always'
  if (encrypt === true) return rule === 'off' ? 'refused' : 'always'
  return rule === 'known' && encrypt === null ? 'known' : 'off'
}

/** Is a mail to be signed, if its author lets us? */
export const isSigned = (
  { gatewaySign }: Pick<Context['config'], 'gatewaySign'>,
  { sign }: Pick<Wishes, 'sign'>,
): boolean => (gatewaySign === 'always' ? sign !== false : gatewaySign === 'asked' && sign === true)

/** Written by a machine, or to a list: nobody who gets it is to be invited because of it. */
export function isAutomatic(sender: string, header: SplitMessage): boolean {
  const says = (name: string) => headerValue(header, name)?.toLowerCase() ?? ''
  return (
    sender === '' ||
    !['', 'no'].includes(says('auto-submitted')) ||
    ['bulk', 'list', 'junk'].includes(says('precedence')) ||
    header.fields.some(({ name }) => name.startsWith('list-')) ||
    parseContentType(headerValue(header, 'content-type')).type === 'multipart/report'
  )
}
