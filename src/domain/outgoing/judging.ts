import type { Context } from '#src/context.ts'
import { type Account, addressesOf } from '#src/domain/accounts/accounts.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { oneAuthor } from '#src/lib/mime/author.ts'
import { type Mailbox, mailboxesOf } from '#src/lib/mime/mailboxes.ts'
import { HEADER_BYTES, headerValues, splitMessage } from '#src/lib/mime/message.ts'
import type { Settled } from './inviting.ts'
import type { Share } from './sharing.ts'

/** What says who sends a mail, to whichever program. Reply-To may name anybody. */
const SENDER_FIELDS = ['from', 'sender', 'return-path', 'resent-from', 'resent-sender']

/** Guests answer what they were sent, and begin nothing. Refuses with 'access.denied'. */
export function judgeWriter({ population }: Account): void {
  if (population === 'guest') throw new Refusal('access.denied')
}

/** Whom a field names; where two programs could disagree on who that is, it is somebody unknown. */
function peopleIn(value: string): Mailbox[] {
  const people = mailboxesOf([value])
  const isPlain = people.length === 1 && oneAuthor([value]) === people[0]!.address
  return isPlain ? people : [{ name: value, address: '' }]
}

/**
 * Everybody whom a mail names as its sender must be the account: whoever is no address that can be read, or one of
 * several, is somebody else. Answers the author. Refuses with 'mail.sender-foreign'.
 */
export async function judgeAuthor(ctx: Context, account: Account, message: Uint8Array): Promise<Mailbox> {
  const own = await addressesOf(ctx, account)
  const parts = splitMessage(message.subarray(0, HEADER_BYTES))
  const named = SENDER_FIELDS.flatMap((name) => headerValues(parts, name).flatMap(peopleIn))
  const foreign = named.filter(({ address }) => !own.includes(address))
  if (foreign.length > 0 || !named[0])
    throw new Refusal('mail.sender-foreign', {
      params: foreign.map(({ address, name }) => (address || name).slice(0, 100)),
    })
  return named[0]
}

/** Refuses with 'mail.recipient-without-key', naming all who can have no encrypted mail, and why. */
export function judgeEverybody(shares: readonly (Share | Settled)[]): void {
  const refused = shares.filter((share) => share.how === 'refused')
  if (refused.length === 0) return
  const reasons = Object.fromEntries(refused.map(({ plain, reason }) => [plain, reason]))
  throw new Refusal('mail.recipient-without-key', { params: Object.keys(reasons), reasons })
}
