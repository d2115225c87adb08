import { createCleartextMessage, sign } from 'openpgp'
import { inlineParts } from '../mime/inline.ts'
import { encryptedParts, signedMessage } from '../mime/pgp-mime.ts'
import { isSafe } from '../mime/seven-bit.ts'
import { quotedPrintableOf } from '../mime/transfer-encoding.ts'
import { armoredBetween } from './armor.ts'
import { knownSecret } from './bulk/known-keys.ts'
import { strict } from './config.ts'
import { judge } from './judge.ts'
import { sealFor } from './messages.ts'
import { OpenPgpRefusal } from './refusals.ts'
import { signDetached } from './signatures.ts'
import type { MailContent, Operations } from './types.ts'

/** A whole mail, encrypted and, when `signWith` is given, signed inside. Refuses what `encrypt` refuses. */
export const sealMail: Operations['sealMail'] = async ({ recipients, hidden, signWith, keepsBlind, ...content }) => {
  const { message, now, chance, format } = content
  const forWhom = { recipients, hidden, now, ...(signWith && { signWith }) }
  if (format === 'inline') {
    const { head, text } = inlineParts(message, content)
    return armoredBetween(head('7bit'), await sealFor([text], forWhom), new Uint8Array())
  }
  const options = { ...optionsIn(content), ...(keepsBlind !== undefined && { keepsBlind }) }
  const { before, inner, after } = encryptedParts(message, () => chance, options)
  return armoredBetween(before, await sealFor(inner, forWhom), after)
}

const optionsIn = ({ fields, protect, key }: MailContent) => ({
  ...(fields && { fields }),
  ...(protect !== undefined && { protect }),
  key,
})

/** A whole mail, signed and readable. Refuses what `signDetached` refuses. */
export const signMail: Operations['signMail'] = async ({ signWith, ...content }) => {
  const { message, now, chance, format } = content
  if (format !== 'inline') {
    const signing = (data: Uint8Array) => signDetached({ data, signWith, now })
    return signedMessage(message, signing, () => chance, optionsIn(content))
  }
  const { head, text } = inlineParts(message, content)
  if (text.length > mostCleartext) throw new OpenPgpRefusal('message.too-large', 'signed text')
  const signed = Buffer.from(await cleartext(text, signWith, now))
  const [encoding, body] = isSafe(signed) ? ['7bit', signed] : ['quoted-printable', quotedPrintableOf(signed)]
  return Buffer.concat([head(encoding), body])
}

// The library makes a string of every line, and nobody reads so much as one text.
const mostCleartext = 12 * 1024 * 1024

/** Text under the cleartext signature framework (RFC 9580, section 7), with CRLF line ends. */
async function cleartext(text: Uint8Array, signWith: Uint8Array, now: number): Promise<string> {
  const signingKeys = await knownSecret(signWith)
  const verdict = await judge(signingKeys, 'sign', now)
  if (verdict !== true) throw new OpenPgpRefusal(verdict)
  // The library takes no text without a letter; the last line end is never signed.
  const message = await createCleartextMessage({ text: Buffer.from(text).toString('utf8') || '\r\n' })
  const armored = await sign({ message, signingKeys, date: new Date(now), config: strict })
  // Some servers put a `>` in front of such lines; RFC 9580, section 7.2 recommends the same for them.
  return armored.replace(/\r?\n/g, '\r\n').replace(/^From /gm, '- From ')
}
