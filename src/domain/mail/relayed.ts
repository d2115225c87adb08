import type { Context } from '#src/context.ts'
import { type Mailbox, mailboxesOf } from '#src/lib/mime/mailboxes.ts'
import { HEADER_BYTES, headerValues, splitMessage } from '#src/lib/mime/message.ts'
import type { ProtectedFields } from '#src/lib/mime/opened-message.ts'
import type { MailSignature } from './signers.ts'

/**
 * In whose name the house sends the answer of a guest: its own, since the guest's domain has not let it send: his address
 * would make the mail a forgery to those who check. An answer to it goes to him.
 */
export function relayFor(ctx: Pick<Context, 'config'>, address: string): { from: Mailbox; replyTo: Mailbox } {
  const { mailFrom, totpIssuer } = ctx.config
  const house = mailboxesOf([mailFrom])[0] ?? { name: '', address: mailFrom }
  const from = { name: `${address} via ${house.name || totpIssuer}`, address: house.address }
  return { from, replyTo: { name: '', address } }
}

const isOnly = (boxes: readonly Mailbox[], { name, address }: Mailbox): boolean =>
  boxes.length === 1 && boxes[0]?.address === address && boxes[0].name === name

/**
 * The guest of this house who wrote a mail that it sent for him; null for any other. Only where nobody could be read in
 * his place: he has signed it with the key that he has here, and the header that the signature covers has exactly the
 * names that the house writes, and nobody else's.
 */
export function relayedBy(
  ctx: Pick<Context, 'config'>,
  {
    message,
    protection,
    signatures,
  }: { message: readonly Uint8Array[]; protection: ProtectedFields | null; signatures: readonly MailSignature[] },
): string | null {
  const covered = (protection?.fields ?? []).map(({ name }) => name)
  if (!protection || protection.fromDiffers || !['from', 'reply-to'].every((name) => covered.includes(name)))
    return null
  const signature = signatures.find(({ status, source, signer }) => status === 'valid' && source === 'guest' && signer)
  if (!signature?.signer || signature.isForOthers) return null
  const parts = splitMessage((message[0] ?? new Uint8Array()).subarray(0, HEADER_BYTES))
  const [from, replyTo] = [headerValues(parts, 'from'), headerValues(parts, 'reply-to')]
  if (from.length !== 1 || replyTo.length !== 1) return null
  const wanted = relayFor(ctx, signature.signer)
  if (protection.author !== wanted.from.address) return null
  const isOurs = isOnly(mailboxesOf(from), wanted.from) && isOnly(mailboxesOf(replyTo), wanted.replyTo)
  return isOurs ? signature.signer : null
}
