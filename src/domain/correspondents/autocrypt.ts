import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { readHeader } from '#src/lib/autocrypt/header.ts'
import { afterChoice, afterMail, effectiveDate } from '#src/lib/autocrypt/peer.ts'
import type { CertificateInfo } from '#src/lib/openpgp/types.ts'
import { readSentDate } from '#src/lib/sent-date.ts'
import * as store from './autocrypt-store.ts'
import { fingerprintAmong } from './naming.ts'
import { joined, keyIn, knowledgeIn, learnOf, rowOf } from './peers.ts'
import { bearsAddress, seenNow } from './seeing.ts'

/** A header that a mail program handed over, and what became of it. */
export interface TakenHeader {
  address: string
  prefersEncryption: boolean
  fingerprint: string
  certificate: Uint8Array
  info: CertificateInfo
  /** the key is kept by this call and was not before */
  added: boolean
  /** something of what is known of the address was changed by this call */
  updated: boolean
  /** this key was not the one that was kept for the address */
  isNew: boolean
  /** the key is kept, and its owner was said to be right */
  verified: boolean
}

/** What a mail program hands over: the value of the header, and when its mail was sent. */
export interface HandedHeader {
  account: Account
  value: string
  sent: string
  /** keep it, as far as the rules of Autocrypt have it; else merely say what is in it */
  keep: boolean
  /** the user has said that the key is right; keeps it too */
  confirmed: boolean
  origin: Origin
}

/**
 * Reads an Autocrypt header for a mail program, which has compared its address with that of the sender, and keeps it if
 * it is to. One that is older than what is known changes nothing. Refuses with 'autocrypt.invalid', also for a key that
 * does not bear the address, and with 'input.invalid' for a date that is none or over a day ahead.
 */
export async function takeHeader(ctx: Context, handed: HandedHeader): Promise<TakenHeader> {
  const { account, value, sent, keep, confirmed, origin } = handed
  const date = effectiveDate(readSentDate(sent), ctx.clock.now())
  if (date === null) throw new Refusal('input.invalid', { params: ['sent_date', sent.slice(0, 60)] })
  const header = readHeader(value)
  const key = header && (await keyIn(ctx, header.keydata))
  if (!key) throw new Refusal('autocrypt.invalid')
  const { address, prefersEncryption } = header
  if (!bearsAddress(key.info, address)) throw new Refusal('autocrypt.invalid', { why: 'no-such-user-id' })
  const about = { address, prefersEncryption, ...key }
  const known = await store.peerOf(ctx, account.id, address)
  const isNew = known?.fingerprint !== key.fingerprint
  if (!keep && !confirmed)
    return { ...about, added: false, updated: false, isNew, verified: !isNew && known?.verified === 1 }
  const learnt = await learnOf(ctx, {
    account,
    address,
    origin,
    learn: async (peer) =>
      afterMail(peer, { date, header: { key: await joined(ctx, peer.key, key), prefersEncryption } }),
    confirms: (peer) => confirmed && peer.key?.fingerprint === key.fingerprint,
  })
  const [before, after] = [learnt.before.key?.fingerprint, learnt.after.key?.fingerprint]
  return {
    ...about,
    added: before !== key.fingerprint && after === key.fingerprint,
    updated: learnt.before !== learnt.after,
    isNew: before !== key.fingerprint,
    verified: learnt.verified && after === key.fingerprint,
  }
}

/** A correspondent's key, known by Autocrypt. */
export interface AutocryptKey {
  address: string
  fingerprint: string
  certificate: Uint8Array
  info: CertificateInfo
  prefersEncryption: boolean
  verified: boolean
  /** effective date of his newest mail, or of the newest that passed his key on */
  lastSeen: number
  /** he has not sent it himself: others passed it on */
  gossip: boolean
}

/**
 * What the account knows by Autocrypt, by address. Of somebody whose own key is known, nothing that others passed on;
 * but beside a verified key the other one that it could be changed for.
 */
export async function listAutocrypt(ctx: Context, account: Account): Promise<AutocryptKey[]> {
  const keys: AutocryptKey[] = []
  for (const row of await store.peersOf(ctx, account.id)) {
    const { key, gossip, ...known } = knowledgeIn(row)
    const isRival = row.verified === 1 && gossip?.fingerprint !== key?.fingerprint
    for (const shown of key && isRival ? [key, gossip] : [key ?? gossip]) {
      // One at a time: a long list must not fill the engine's queue.
      const info = shown && (await seenNow(ctx, shown.certificate))
      if (!shown || !info) continue
      const own = shown === key
      keys.push({
        ...shown,
        info,
        address: row.address,
        prefersEncryption: own && known.prefersEncryption,
        verified: own && row.verified === 1,
        lastSeen: own ? known.lastSeen : known.gossipSeen,
        gossip: !own,
      })
    }
  }
  return keys
}

interface OwnKey {
  account: Account
  /** see `fingerprintAmong` */
  ids: readonly string[]
  origin: Origin
}

const meant = async (ctx: Context, { account, ids }: OwnKey): Promise<{ accountId: string; fingerprint: string }> => ({
  accountId: account.id,
  fingerprint: fingerprintAmong(await store.peerFingerprints(ctx, account.id), ids),
})

/**
 * Notes that the user has found a key right, or takes that back. One that stands beside a verified key takes its place
 * thereby. 'key.unknown' for one that nobody has sent himself.
 */
export async function verifyAutocrypt(ctx: Context, asked: OwnKey & { verified: boolean }): Promise<void> {
  const { account, verified, origin } = asked
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    const own = await meant(ctx, asked)
    for (const row of verified ? await store.rivalled(ctx, own) : [])
      await store.keepPeer(ctx, rowOf(account, row.address, afterChoice(knowledgeIn(row)), 1))
    const addresses = await store.markVerified(ctx, own, verified ? 1 : 0)
    if (addresses.length === 0) throw new Refusal('key.unknown')
    for (const address of addresses) {
      const detail = { address, key: own.fingerprint, verified }
      await record(ctx, { event: 'autocrypt.verified', account: account.id, origin, detail })
    }
  })
}

/** Forgets a key, until a mail brings it again. 'key.unknown' when it is not known. */
export async function removeAutocrypt(ctx: Context, asked: OwnKey): Promise<void> {
  const { account, origin } = asked
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    const own = await meant(ctx, asked)
    if (!(await store.removePeerKey(ctx, own))) throw new Refusal('key.unknown')
    const detail = { key: own.fingerprint }
    await record(ctx, { event: 'autocrypt.removed', account: account.id, origin, detail })
  })
}
