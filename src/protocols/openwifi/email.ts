import { z } from 'zod'
import { judgeWriting, writeByHand } from '#src/domain/accounts/accounts.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { isAddress, plainAddress } from '#src/lib/mail-address.ts'
import { Done, done } from './done.ts'
import { text } from './input.ts'
import { complaint } from './refuse.ts'

const SUBJECT_AT_MOST = 998
const TEXT_AT_MOST = 102_400
const RECIPIENTS_AT_MOST = 10

// Whatever a reader of headers could take for the end of one.
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]/u
// `address`, `<address>` or `Name <address>`; nothing in the name that two readers could read differently.
const MAILBOX = /^(?:(?:"[^"\\<>@]*"|[^"\\<>@,;:()[\]]*)<([^<>]+)>|([^<>\s]+))$/

const isLine = (given: string): boolean => given.isWellFormed() && !BREAKS.test(given)

/** One line that is there; the rest is refused with 1018. */
function line(given: string | undefined): string {
  const trimmed = given?.trim()
  if (!given || !trimmed || !isLine(given)) throw complaint(1018)
  return trimmed
}

function sender(given: string | undefined): string {
  const mailbox = line(given)
  const [, named, bare] = MAILBOX.exec(mailbox) ?? []
  if (!isAddress(plainAddress(named ?? bare ?? ''))) throw new Refusal('account.email-invalid')
  return mailbox
}

function recipient(given: string | undefined): string {
  const address = plainAddress(line(given))
  if (!isAddress(address)) throw new Refusal('account.email-invalid')
  return address
}

function body(given: string | undefined): string {
  if (!given?.trim() || !given.isWellFormed() || Buffer.byteLength(given) > TEXT_AT_MOST) throw complaint(1018)
  return given
}

export const email = endpoint({
  at: 'POST /email',
  what: 'Send a mail in somebody’s name; each recipient gets one of his own',
  who: 'a session, key or service',
  in: {
    body: z
      .object({
        from: text(),
        subject: text(SUBJECT_AT_MOST),
        text: text(TEXT_AT_MOST),
        recipients: z.array(text()).nullish(),
      })
      .optional(),
  },
  out: Done,
  async does(ctx, input, { account: caller }, { origin }) {
    judgeWriting(caller)
    if (!input.body) throw new Refusal('input.unreadable')
    const letter = { from: sender(input.body.from), subject: line(input.body.subject), text: body(input.body.text) }
    const recipients = [...new Set((input.body.recipients ?? []).map(recipient))]
    if (recipients.length === 0 || recipients.length > RECIPIENTS_AT_MOST) throw complaint(1018)
    await writeByHand(ctx, { caller, channel: 'mail', recipients, letter, origin })
    return done('POST')
  },
})
