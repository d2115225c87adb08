import type { Context } from '#src/context.ts'
import { type Guest, invitationFor } from '#src/domain/guests/guests.ts'
import { sealMessage } from '#src/domain/mail/mail.ts'
import { uuid } from '#src/lib/chance.ts'
import { composedMessage } from '#src/lib/mime/compose.ts'
import { type Mailbox, mailboxesOf, readableText } from '#src/lib/mime/mailboxes.ts'
import { HEADER_BYTES, headerValue, headerValues, splitMessage } from '#src/lib/mime/message.ts'
import type { Outgoing } from './wishes.ts'

/** A mail as one guest gets it: what he reads here, and the mail that tells him of it. */
export interface GuestItem {
  id: string
  guest: Guest
  sender: Mailbox
  subject: string
  body: string
  bytes: number
  /** body of the mail to him */
  invitation: string
}

/** Who a mail is from, in what name it goes out, and what it is about, as people read it. */
function shownHeader({ message, account, author }: Outgoing): { from: Mailbox; sender: Mailbox; subject: string } {
  const parts = splitMessage(message.subarray(0, HEADER_BYTES))
  const [from = { name: '', address: account.email }] = mailboxesOf(headerValues(parts, 'from'))
  return { from, sender: author ?? from, subject: readableText(headerValue(parts, 'subject') ?? '') }
}

/** The mail to a guest: in the author's name, so that answers and reports find him; nothing of his mail is in it. */
async function invitationTo(
  ctx: Context,
  {
    guest,
    item,
    from,
    sender,
    wish,
  }: { guest: Guest; item: string; from: Mailbox; sender: Mailbox; wish: Outgoing['wish'] },
): Promise<Uint8Array> {
  const { greeting, language } = wish
  const { letter, headers } = await invitationFor(ctx, { guest, item, sender, greeting, language })
  const { subject, text, html } = letter
  return composedMessage({
    from,
    ...(from === sender ? {} : { replyTo: sender }),
    to: { name: '', address: guest.address },
    ...{ subject, text, html },
    headers,
    messageId: `${uuid(ctx.clock.chance)}@${from.address.split('@').at(-1)}`,
    date: ctx.clock.now(),
  })
}

/**
 * The item of one guest, sealed for his key, and the invitation. The id of the item is made here and stands in the
 * invitation alone: who shows it has got that mail.
 */
export async function itemFor(
  ctx: Context,
  { outgoing, guest, keep }: { outgoing: Outgoing; guest: Guest; keep: (message: Uint8Array) => Promise<string> },
): Promise<GuestItem> {
  const { account, message, signWith, wish } = outgoing
  const id = uuid(ctx.clock.chance)
  const { from, sender, subject } = shownHeader(outgoing)
  const named = [{ address: guest.address, certificate: guest.certificate }]
  const sealed = await sealMessage(ctx, {
    account,
    message,
    certificates: { named, own: [], hidden: [] },
    signWith,
    // The reader of guests shows parts and attachments, which inline mails have none of.
    options: { ...outgoing.options, format: 'mime' },
  })
  const body = await keep(sealed)
  const invitation = await keep(await invitationTo(ctx, { guest, item: id, from, sender, wish }))
  return { id, guest, sender, subject, body, bytes: sealed.length, invitation }
}
