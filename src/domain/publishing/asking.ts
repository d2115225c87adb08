import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { letterFrom } from '#src/domain/messages/messages.ts'
import { uuid } from '#src/lib/chance.ts'
import { grouped } from '#src/lib/fingerprint.ts'
import { BOUNDARY_BYTES, newBoundary } from '#src/lib/mime/multipart.ts'
import { signedMessage } from '#src/lib/mime/pgp-mime.ts'
import { encodeQuotedPrintable } from '#src/lib/mime/transfer-encoding.ts'
import { writtenDate } from '#src/lib/sent-date.ts'
import { confirmationRequest } from './wks-form.ts'

interface Question {
  account: Account
  /** the submission address, and its secret key */
  sender: string
  secret: Uint8Array
  address: string
  certificate: Uint8Array
  fingerprint: string
  nonce: string
  /** seconds that the answer is waited for */
  lifetime: number
}

/** RFC 2047: what is no ASCII, in one word of base64 for each few letters. */
const encodedWords = (text: string): string =>
  /^[\x20-\x7e]*$/.test(text)
    ? text
    : (text.match(/.{1,12}/gu) ?? [])
        .map((piece) => `=?UTF-8?B?${Buffer.from(piece).toString('base64')}?=`)
        .join('\r\n ')

/**
 * The mail that asks for a confirmation, whole: signed by the service, with a word for the reader and the words of the
 * protocol, which only the key can read (draft-koch-openpgp-webkey-service, section 4.4).
 */
export async function questionMail(ctx: Context, question: Question): Promise<{ subject: string; raw: string }> {
  const { account, sender, secret, address, certificate, fingerprint, nonce, lifetime } = question
  const { openpgp } = ctx.workers
  const now = ctx.clock.now()
  const reader = { ...account, email: address }
  const { subject, text } = letterFrom(ctx, {
    template: 'key_submission',
    reader,
    values: { name: grouped(fingerprint), lifetime },
  })
  const words = confirmationRequest({ sender, address, fingerprint, nonce })
  const sealed = await openpgp.encrypt({ data: Buffer.from(words), recipients: [certificate], now, armor: true })
  const boundary = newBoundary(ctx.clock.chance.bytes(BOUNDARY_BYTES))
  const mail = [
    `From: ${sender}`,
    `To: ${address}`,
    `Subject: ${encodedWords(subject)}`,
    `Date: ${writtenDate(now)}`,
    `Message-ID: <${uuid(ctx.clock.chance)}@${sender.slice(sender.lastIndexOf('@') + 1)}>`,
    'Auto-Submitted: auto-replied',
    // By these the programs that know the service find its mails, and the form that they have had since draft 2.
    'Wks-Draft-Version: 3',
    'Wks-Phase: confirm',
    'MIME-Version: 1.0',
    `Content-Type: multipart/mixed; boundary="${boundary}"`,
    '',
    `--${boundary}`,
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: quoted-printable',
    '',
    encodeQuotedPrintable(text),
    `--${boundary}`,
    'Content-Type: application/vnd.gnupg.wks',
    '',
    sealed.trimEnd(),
    '',
    `--${boundary}--`,
    '',
  ].join('\r\n')
  const sign = (part: Uint8Array) => openpgp.signDetached({ data: part, signWith: secret, now })
  const signed = await signedMessage(Buffer.from(mail), sign, (length) => ctx.clock.chance.bytes(length))
  return { subject, raw: Buffer.from(signed).toString('utf8') }
}
