import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { ownOrigin } from '#src/domain/caller.ts'
import { composeFrom } from '#src/domain/messages/messages.ts'
import { BLIND_FIELDS, dispatchMail, type Fate } from '#src/domain/outgoing/outgoing.ts'
import { countHourly, hourlyWait } from '#src/domain/throttles/hourly.ts'
import { isEncryptedAlready } from '#src/lib/mime/already-encrypted.ts'
import { HEADER_BYTES, type SplitMessage, splitMessage } from '#src/lib/mime/message.ts'
import { rewrittenHeader } from '#src/lib/mime/rewritten.ts'
import { authorOf, strangerAt } from './authors.ts'
import { handOn, markDispatched, type Refused } from './handing-on.ts'
import { isOurOwn } from './own-mail.ts'
import { encryptionFor, isAutomatic, isSigned } from './rules.ts'
import { signingSecret } from './signing.ts'
import { stampFor } from './stamps.ts'
import type { MailRow } from './store.ts'
import { askingFields, type Wishes, wishesOf } from './wishes.ts'

const goneFields = [...askingFields, ...BLIND_FIELDS]

/** The mail as it goes on: without what it asked of us and without blind recipients, and with our stamp. */
function cleaned(ctx: Context, message: Uint8Array, header: SplitMessage, { subject }: Wishes): Promise<Uint8Array> {
  const stamp = stampFor(ctx, 'out', header)
  return subject === null
    ? rewrittenHeader(message, { without: goneFields, added: stamp })
    : rewrittenHeader(message, { without: [...goneFields, 'subject'], added: stamp + subject })
}

const refusedAmong = (fates: readonly Fate[]): Refused =>
  Object.fromEntries(
    fates.flatMap(({ address, how, reason }) => (how === 'refused' ? [[address, reason ?? 'no-key']] : [])),
  )

/** Tells the author what a new guest has to know besides the link; for each of them once an hour. */
async function tellPins(ctx: Context, account: Account, fates: readonly Fate[]): Promise<void> {
  for (const { address, pin } of fates) {
    if (!pin) continue
    const told = { kind: 'guest-pin', subject: `${account.id} ${address}`, most: 1 }
    if ((await hourlyWait(ctx, told)) > 0) continue
    await countHourly(ctx, told)
    await composeFrom(ctx, {
      channel: 'mail',
      to: account.email,
      template: 'guest_pin_for_sender',
      reader: account,
      values: { address, code: pin },
    })
  }
}

/**
 * Sends a mail that was handed over on its way out, for each recipient as the rules and the mail itself say. What comes
 * encrypted, and what this house wrote itself, goes as it is. Whoever cannot get it as he should is noted, and its sender
 * told. Refuses like `dispatchMail`.
 */
export async function sendOut(ctx: Context, mail: MailRow, message: Uint8Array): Promise<void> {
  const header = splitMessage(message.subarray(0, HEADER_BYTES))
  const recipients = JSON.parse(mail.recipients) as string[]
  const wishes = wishesOf(ctx, header)
  const outgoing = await cleaned(ctx, message, header, wishes)
  if (isEncryptedAlready(message) || (await isOurOwn(ctx, header, recipients)))
    return handOn(ctx, mail, { parcels: [{ recipients, message: outgoing }] })
  const author = await authorOf(ctx, mail.sender, header)
  const howFor = (address: string) => encryptionFor(ctx.config, address, wishes)
  const open = recipients.filter((address) => howFor(address) !== 'refused')
  const refused: Refused = Object.fromEntries(
    recipients.filter((address) => !open.includes(address)).map((address) => [address, 'off']),
  )
  const signWith =
    author.account && author.isSure && isSigned(ctx.config, wishes) ? await signingSecret(ctx, author.account) : null
  const isPlain = (!signWith || open.length === 0) && open.every((address) => howFor(address) === 'off')
  // Nothing is to be done to it: then it need not be one that we can read, either.
  if (isPlain) return handOn(ctx, mail, { parcels: [{ recipients: open, message: outgoing }], refused })
  const account = author.account ?? strangerAt(mail.sender)
  // Machines bring nobody to a key.
  const isPerson = author.account !== null && !isAutomatic(mail.sender, header)
  await dispatchMail(ctx, {
    account,
    sender: mail.sender,
    message: outgoing,
    recipients: open,
    wish: {
      encrypt: (address) => {
        const how = howFor(address)
        return how === 'refused' ? 'always' : how
      },
      guests: ctx.config.guests && isPerson,
      newKeys: isPerson && author.isSure,
      pin: ctx.config.guestPin,
      language: account.locale || undefined,
    },
    signWith: signWith ?? undefined,
    options: { autocrypt: author.isSure, protect: true, attachKey: false, format: 'mime' },
    mailId: mail.id,
    origin: ownOrigin('gateway'),
    async also(ctx, fates) {
      await markDispatched(ctx, mail, { ...refused, ...refusedAmong(fates) })
      if (author.account) await tellPins(ctx, author.account, fates)
    },
  })
}
