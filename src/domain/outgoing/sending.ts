import { atomically, type Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { canDeliver, judgeDeliveries } from '#src/domain/deliveries/deliveries.ts'
import { type Proof, unlockedCurrent } from '#src/domain/keys/keys.ts'
import { type MailOptions, readOutgoingHeader } from '#src/domain/mail/mail.ts'
import { isRefusal, type Reason, Refusal } from '#src/domain/refusals.ts'
import type { Signed } from '#src/domain/sessions/sessions.ts'
import { type Hourly, hourlyWait, takeHourly } from '#src/domain/throttles/hourly.ts'
import { uuid } from '#src/lib/chance.ts'
import { dateField } from '#src/lib/mime/compose.ts'
import { HEADER_BYTES, headerValue, splitMessage } from '#src/lib/mime/message.ts'
import { rewrittenHeader } from '#src/lib/mime/rewritten.ts'
import { dropCopies, makeCopies } from './copies.ts'
import { handOver } from './dispatching.ts'
import { fateOf, settledShares } from './inviting.ts'
import { judgeAuthor, judgeEverybody, judgeWriter } from './judging.ts'
import { ownCopy } from './sealing.ts'
import type { Share } from './sharing.ts'
import type { Fate, Wish } from './wishes.ts'

/** A mail that was sent. */
export interface Sent {
  /** its Message-ID, in angle brackets */
  id: string
  recipients: Fate[]
  /** for the folder of sent mail, encrypted for its author alone; null when he has no key */
  message: Uint8Array | null
}

/** With the fields that every mail has (RFC 5322, section 3.6), as far as it lacks them. */
async function completed(
  ctx: Context,
  message: Uint8Array,
  author: string,
): Promise<{ message: Uint8Array; id: string; isGiven: boolean }> {
  const parts = splitMessage(message.subarray(0, HEADER_BYTES))
  const given = headerValue(parts, 'message-id')
  const id = given ?? `<${uuid(ctx.clock.chance)}@${author.split('@').at(-1)}>`
  const lacking = [
    given === null ? `Message-ID: ${id}\r\n` : '',
    headerValue(parts, 'date') === null ? `Date: ${dateField(ctx.clock.now())}\r\n` : '',
  ]
  const added = lacking.join('')
  return { message: await rewrittenHeader(message, { without: ['return-path'], added }), id, isGiven: given !== null }
}

/** PINs of new guests, for the author's own copy: for one guest as Guard's clients look for it. */
function pinField(fates: readonly Fate[]): string {
  const withPin = fates.filter(({ pin }) => pin !== undefined)
  if (withPin.length === 0) return ''
  const pins = withPin.map(({ pin, address }) => (withPin.length === 1 ? pin : `${pin} (${address})`))
  return `X-OxGuard-PIN: ${pins.join(',\r\n ')}\r\n`
}

interface Place {
  account: Account
  /** Message-ID that the author gave it */
  id: string | null
  recipients: number
}

/** A mail counts, and takes its id for an hour: of two that are the same, the second was a doubled click. */
function placesOf({ config }: Context, { account, id, recipients }: Place): [Hourly, Reason, number][] {
  const counted: [Hourly, Reason, number] = [
    { kind: 'mail', subject: account.id, most: config.mailsPerHour },
    'rate.exceeded',
    recipients,
  ]
  const once: Hourly = { kind: 'mail-once', subject: `${account.id} ${id}`, most: 1 }
  return id === null ? [counted] : [counted, [once, 'mail.sent-already', 1]]
}

/** Is there a place? Asked before all the work is done; what counts is what is taken with the mail itself. */
const judgePlace = (ctx: Context, place: Place): Promise<void> =>
  atomically(ctx, async (ctx) => {
    for (const [hourly, reason, times] of placesOf(ctx, place)) {
      const retryAfter = await hourlyWait(ctx, hourly, times)
      if (retryAfter > 0) throw new Refusal(reason, { retryAfter })
    }
  })

async function takePlace(ctx: Context, place: Place): Promise<void> {
  for (const [hourly, reason, times] of placesOf(ctx, place)) await takeHourly(ctx, hourly, reason, times)
}

/**
 * Encrypts a mail for everybody it goes to and sends it, or sends nothing; the caller is its author. Refuses, in this
 * order: 'access.denied' to guests, 'mail.off', 'server.busy', 'mail.unreadable', 'mail.no-recipient', 'mail.sender-foreign',
 * 'mail.recipient-without-key', 'rate.exceeded', 'mail.sent-already' for a Message-ID that the caller gave before within
 * the hour, like `ensureGuest` and `keyForRecipient`, what stands in the way of unlocking the key that signs, and like
 * `sealMessage`.
 */
export async function sendMail(
  ctx: Context,
  {
    signed,
    sign,
    proof,
    wish,
    options,
    origin,
    ...given
  }: {
    signed: Signed
    message: Uint8Array
    sign: boolean
    proof: Proof
    wish: Omit<Wish, 'encrypt' | 'newKeys'>
    options: MailOptions
    origin: Origin
  },
): Promise<Sent> {
  const { account } = signed
  judgeWriter(account)
  if (!canDeliver(ctx)) throw new Refusal('mail.off')
  await judgeDeliveries(ctx)
  const { named, blind } = readOutgoingHeader(given.message)
  const author = await judgeAuthor(ctx, account, given.message)
  const { message, id, isGiven } = await completed(ctx, given.message, author.address)
  const recipients = [...named, ...blind]
  const envelope = { account, sender: author.address, recipients, origin }
  const unsealed = { ...envelope, message, options, wish: { ...wish, newKeys: true, encrypt: () => 'always' as const } }
  const placeFor = ({ length }: readonly unknown[]) => ({ account, id: isGiven ? id : null, recipients: length })
  const areOurs = (shares: readonly Share[]) => shares.every(({ how }) => how !== 'unchanged')
  const unlockFor = async (shares: readonly Share[]) =>
    sign && areOurs(shares) ? await unlockedCurrent(ctx, { signed, proof, origin }) : undefined
  const isPassword = proof !== 'stored' && 'password' in proof
  let signWith: Uint8Array | undefined
  // Before anybody is made a guest or given a key, too: what is not sent brings nobody anything.
  const shares = await settledShares(ctx, unsealed, async (shares) => {
    judgeEverybody(shares)
    await judgePlace(ctx, placeFor(shares))
    // Once: this is asked again behind.
    if (isPassword) signWith ??= await unlockFor(shares)
  })
  const place = placeFor(shares)
  // Last of what may be refused for a reason: a token that is good for one use must not be spent in vain.
  if (!isPassword) signWith = await unlockFor(shares)
  const isOurs = areOurs(shares)
  const fates = shares.map(fateOf)
  const outgoing = { ...unsealed, signWith }
  // What he has encrypted himself is his copy as it is: hardly any program opens a second layer.
  const own = isOurs ? await ownCopy(ctx, outgoing) : message
  const copies = await makeCopies(ctx, outgoing, shares)
  const queue = async (ctx: Context) => {
    await takePlace(ctx, place)
    await handOver(ctx, { outgoing, copies, fates })
  }
  try {
    await atomically(ctx, queue)
  } catch (error) {
    // Whatever else goes wrong, it is not certain that nothing was written: then what is left is swept.
    if (isRefusal(error)) await dropCopies(ctx, copies)
    throw error
  }
  return { id, recipients: fates, message: own && (await rewrittenHeader(own, { added: pinField(fates) })) }
}
