import type { Context } from '#src/context.ts'
import { type Account, addressesOf } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { canonicalAddress, gossipOf, headerOf } from '#src/lib/autocrypt/header.ts'
import { afterGossip, afterMail, afterRival, effectiveDate } from '#src/lib/autocrypt/peer.ts'
import { seconds } from '#src/lib/clock.ts'
import { joined, keyIn, learnOf } from './peers.ts'
import { bearsAddress } from './seeing.ts'

/** What of a mail that somebody reads matters to Autocrypt. */
export interface IncomingMail {
  account: Account
  origin: Origin
  /** the one address in From */
  from: string
  /** of To, Cc and Reply-To */
  named: readonly string[]
  /** by its header Date, epoch milliseconds */
  sent: number | null
  /** values of its fields Autocrypt */
  headers: readonly string[]
  /** values of the fields Autocrypt-Gossip in what was encrypted */
  gossip: readonly string[]
}

// A mail to more people than that says nothing of the rest; each costs work on every reading.
const GOSSIP_AT_MOST = 50
// Nobody waits longer for a mail because of what else it brings.
const TIME_TO_LEARN = seconds(2)

/**
 * Learns from a mail what Autocrypt 1.1 (sections 2.3 and 2.6.2) has one learn: the sender's key, and those of others
 * that he passes on. Never as verified, and never in the place of one that is: then the reader is told of it. Nothing is learnt of the reader's own addresses, and nothing from a mail
 * without a date or with one over a day ahead.
 */
export async function learnFromMail(ctx: Context, mail: IncomingMail): Promise<void> {
  const { account, origin } = mail
  const date = effectiveDate(mail.sent, ctx.clock.now())
  if (date === null) return
  const own = new Set((await addressesOf(ctx, account)).map(canonicalAddress))
  const sender = canonicalAddress(mail.from)
  if (sender && !own.has(sender)) await learnFromSender(ctx, mail, { sender, date })
  const passedOn = gossipOf(mail.gossip, mail.named, GOSSIP_AT_MOST).filter(({ address }) => !own.has(address))
  const until = ctx.clock.now() + TIME_TO_LEARN
  for (const { address, keydata } of passedOn) {
    if (ctx.clock.now() > until) return
    const arriving = await keyIn(ctx, keydata)
    // A sender's own key may be for whom he likes; one that others hand on must say itself whose it is.
    if (!arriving || !bearsAddress(arriving.info, address)) continue
    await learnOf(ctx, {
      account,
      address,
      origin,
      learn: async (peer) => afterGossip(peer, { date, key: await joined(ctx, peer.gossip, arriving) }),
    })
  }
}

async function learnFromSender(
  ctx: Context,
  { account, origin, headers }: IncomingMail,
  { sender, date }: { sender: string; date: number },
): Promise<void> {
  const found = headerOf(headers, sender)
  const arriving = found && (await keyIn(ctx, found.keydata))
  await learnOf(ctx, {
    account,
    address: sender,
    origin,
    async learn(peer, verified) {
      if (found && arriving) {
        if (verified && peer.key?.fingerprint !== arriving.fingerprint)
          return afterRival(peer, { date, key: await joined(ctx, peer.gossip, arriving) })
        const key = await joined(ctx, peer.key, arriving)
        return afterMail(peer, { date, header: { key, prefersEncryption: found.prefersEncryption } })
      }
      // Of people who never sent a key, nothing needs to be known.
      return peer.key ? afterMail(peer, { date, header: null }) : peer
    },
    // Another one than he sent already, or others told of.
    offers: (before, after) =>
      after.key !== null &&
      after.key.fingerprint === before.key?.fingerprint &&
      after.gossip?.fingerprint !== before.gossip?.fingerprint,
  })
}
