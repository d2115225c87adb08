import { atomically, type Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import { dropBodies, keepBody } from '#src/domain/bodies/bodies.ts'
import type { Origin } from '#src/domain/caller.ts'
import { canDeliver, judgeDeliveries } from '#src/domain/deliveries/deliveries.ts'
import { type Guest, keepItem, openItem } from '#src/domain/guests/guests.ts'
import { type Proof, unlockedCurrent } from '#src/domain/keys/keys.ts'
import { type MailOptions, relayFor, sealMessage } from '#src/domain/mail/mail.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Signed } from '#src/domain/sessions/sessions.ts'
import { takeHourly } from '#src/domain/throttles/hourly.ts'
import { uuid } from '#src/lib/chance.ts'
import { type OutgoingFile, withFiles } from '#src/lib/mime/attach.ts'
import { composedMessage } from '#src/lib/mime/compose.ts'
import type { Mailbox } from '#src/lib/mime/mailboxes.ts'
import { BOUNDARY_BYTES } from '#src/lib/mime/multipart.ts'
import type { ShownHeader } from '#src/lib/mime/view-header.ts'
import { dispatchMail } from './dispatching.ts'
import { withQuote } from './quoting.ts'
import { type People, peopleOf } from './reply-people.ts'
import type { Fate } from './wishes.ts'

interface Reply {
  signed: Signed
  guest: Guest
  proof: Proof
  /** of the mail that is answered */
  id: string
  text: string
  files: readonly OutgoingFile[]
  /** to the others whom that mail names, too */
  all: boolean
  /** with the mail that is answered below the text */
  quote: boolean
  /** of two replies that bear the same, the second was a doubled click */
  once?: string | undefined
  origin: Origin
}

// A conversation has fewer; a guest is no way to send mail to many.
const REPLIES_AN_HOUR = 20

const options: MailOptions = { autocrypt: false, protect: true, attachKey: false, format: 'mime' }

const subjectOf = (subject: string): string => (/^re:/i.test(subject) ? subject : `Re: ${subject}`)

async function composed(
  ctx: Context,
  { guest, text, files }: Reply,
  { header, people }: { header: ShownHeader; people: People },
): Promise<{ message: Uint8Array; subject: string; from: Mailbox }> {
  const head = { ...relayFor(ctx, guest.address), to: people.sender, cc: people.others }
  const subject = subjectOf(header.subject)
  const { messageId } = header
  const headers: Record<string, string> = messageId
    ? { 'In-Reply-To': messageId, References: [...header.references, messageId].join(' ') }
    : {}
  const id = `${uuid(ctx.clock.chance)}@${head.from.address.split('@').at(-1)}`
  const letter = await composedMessage({ ...head, subject, text, headers, messageId: id, date: ctx.clock.now() })
  return { message: await withFiles(letter, files, ctx.clock.chance.bytes(BOUNDARY_BYTES)), subject, from: head.from }
}

async function takePlace(ctx: Context, { guest, once }: Reply): Promise<void> {
  const subject = guest.account.id
  await atomically(ctx, async (ctx) => {
    await takeHourly(ctx, { kind: 'guest-reply', subject, most: REPLIES_AN_HOUR }, 'rate.exceeded')
    if (once)
      await takeHourly(ctx, { kind: 'guest-reply-once', subject: `${subject} ${once}`, most: 1 }, 'mail.sent-already')
  })
}

/**
 * Answers a mail of a guest: encrypted for who sent it, and with `all` for the others whom it names and who can read
 * it, never for anybody else; signed with the guest's key. It is kept among his mails. Refuses with 'input.invalid' to
 * answer what he wrote himself, like `openItem` and `dispatchMail`, and with 'mail.off', 'mail.recipient-without-key',
 * 'rate.exceeded' and 'mail.sent-already'.
 */
export async function replyToItem(ctx: Context, reply: Reply): Promise<{ recipients: Fate[]; item: string }> {
  const { guest, signed, proof, origin } = reply
  if (!canDeliver(ctx)) throw new Refusal('mail.off')
  await judgeDeliveries(ctx)
  const { item, view } = await openItem(ctx, { signed, id: reply.id, proof, origin })
  if (item.kind !== 'received') throw new Refusal('input.invalid', { params: ['id'] })
  const { header } = view
  const people = await peopleOf(ctx, { guest, sender: item.from, header, all: reply.all })
  const quoting = { sender: item.from, date: header.date ?? item.date }
  const text = reply.quote ? withQuote(reply.text, view, quoting) : reply.text
  const { message, subject, from } = await composed(ctx, { ...reply, text }, { header, people })
  const current = await unlockedCurrent(ctx, { signed, proof, origin })
  await takePlace(ctx, reply)
  const { account } = guest
  const certificates = { named: [], own: [guest.certificate], hidden: [] }
  const own = await sealMessage(ctx, { account, message, certificates, signWith: current, options })
  const [id, body] = [uuid(ctx.clock.chance), await keepBody(ctx, own)]
  const author = { name: '', address: guest.address }
  try {
    const recipients = await dispatchMail(ctx, {
      account,
      author,
      sender: from.address,
      message,
      recipients: [people.sender, ...people.others].map(({ address }) => address),
      wish: { encrypt: () => 'always', guests: true, newKeys: false, pin: false },
      signWith: current,
      options,
      origin,
      async also(ctx, fates) {
        // A key may have ended at this moment: then nothing is sent.
        const failed = fates.filter(({ how }) => how === 'refused').map(({ address }) => address)
        if (failed.length > 0) throw new Refusal('mail.recipient-without-key', { params: failed })
        await keepItem(ctx, { id, guest, kind: 'sent', sender: author, subject, body, bytes: own.length })
        const detail = { item: item.id, recipients: fates.length }
        await record(ctx, { event: 'guest.replied', account: account.id, origin, detail })
      },
    })
    return { recipients, item: id }
  } catch (error) {
    // Any other end may have written it: then what is left is swept.
    if (error instanceof Refusal) await dropBodies(ctx, [body])
    throw error
  }
}
