import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { gossipFor, headerFor, learnFromMail } from '#src/domain/correspondents/correspondents.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { parseContentType } from '#src/lib/mime/content-type.ts'
import { HEADER_BYTES, headerValue, headerValues, splitMessage } from '#src/lib/mime/message.ts'
import { addressesOf } from '#src/lib/mime/recipients.ts'
import { readSentDate } from '#src/lib/sent-date.ts'
import type { MailHeader } from './header.ts'

/** Somebody whom a mail names and is encrypted for. */
export interface NamedReader {
  address: string
  certificate: Uint8Array
}

// Some 700 bytes and a look by the engine for each; a mail to more people is no conversation.
const GOSSIP_AT_MOST = 50

/**
 * The header fields that Autocrypt 1.1 has a mail bring: the key of its author, unless it brings one already, and for a
 * mail to several people the keys of them all, so that everybody can answer everybody. Sealing moves the latter inside.
 * Nothing is added to a mail of several authors, or one that is not from the account.
 */
export async function autocryptFields(
  ctx: Context,
  {
    account,
    message,
    header: { author },
    named,
  }: { account: Account; message: Uint8Array; header: MailHeader; named: readonly NamedReader[] },
): Promise<Uint8Array> {
  const { fields } = splitMessage(message.subarray(0, HEADER_BYTES))
  const has = (name: string) => fields.some((field) => field.name === name)
  if (author === null) return new Uint8Array()
  const own = has('autocrypt') ? '' : ((await headerFor(ctx, account, author)) ?? '')
  const others = named.filter(({ address }) => address !== author)
  const isForAll = named.length > 1 && named.length <= GOSSIP_AT_MOST && !has('autocrypt-gossip')
  const gossip = isForAll ? await gossipFor(ctx, others) : ''
  return Buffer.from(own + gossip, 'latin1')
}

/** An answer of a machine says nothing of what its owner reads with (section 2.3). */
const isMachine = (parts: ReturnType<typeof splitMessage>): boolean =>
  /^auto-replied/i.test(headerValue(parts, 'auto-submitted') ?? '') ||
  parseContentType(headerValue(parts, 'content-type')).type === 'multipart/report'

/**
 * Learns from a mail that somebody reads. Whatever is wrong with what it brings, and whatever goes wrong meanwhile, it
 * can be read all the same.
 */
export async function learnFrom(
  ctx: Context,
  {
    account,
    message,
    header,
    gossip,
    origin,
  }: { account: Account; message: Uint8Array; header: MailHeader; gossip: readonly string[]; origin: Origin },
): Promise<void> {
  const parts = splitMessage(message.subarray(0, HEADER_BYTES))
  const from = header.author
  if (from === null || isMachine(parts)) return
  const date = headerValues(parts, 'date')
  const mail = {
    account,
    origin,
    from,
    named: [...header.named, ...addressesOf(headerValues(parts, 'reply-to'))],
    sent: date.length === 1 ? readSentDate(date[0]!) : null,
    headers: headerValues(parts, 'autocrypt'),
    gossip,
  }
  try {
    await learnFromMail(ctx, mail)
  } catch (error) {
    if (isRefusal(error)) ctx.log.debug('autocrypt.not-learnt', { account: account.id, reason: error.reason })
    else ctx.log.error('autocrypt.not-learnt', { account: account.id, error })
  }
}
