import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { inOurWords } from '#src/domain/keys/keys.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { isRefusal, Refusal } from '#src/domain/refusals.ts'
import { nobody, type Peer } from '#src/lib/autocrypt/peer.ts'
import type { CertificateInfo } from '#src/lib/openpgp/types.ts'
import { forgetPeersBeyond, keepPeer, type PeerRow, peerOf } from './autocrypt-store.ts'

/** A key as it came by Autocrypt. */
export interface PeerKey {
  certificate: Uint8Array
  fingerprint: string
}

export type Knowledge = Peer<PeerKey>

// More correspondents than a person has; strangers may send as many mails as they like.
const PEERS_AT_MOST = 1000
// A key that grows with every mail stops growing here; then the newest form of it stands alone.
const KEY_BYTES = 65_536
const TURNS = 3

/** The one public key in the data of a header; null when it holds another number of keys, secrets, or none to read. */
export async function keyIn(ctx: Context, keydata: Uint8Array): Promise<(PeerKey & { info: CertificateInfo }) | null> {
  try {
    const { rings, refused } = await inOurWords(ctx.workers.openpgp.inspect({ bytes: keydata, now: ctx.clock.now() }))
    const [ring] = rings
    if (!ring || rings.length + refused.length > 1 || ring.secret || ring.certificate.length > KEY_BYTES) return null
    return { certificate: ring.certificate, fingerprint: ring.info.fingerprint, info: ring.info }
  } catch (error) {
    if (isRefusal(error, 'key.unreadable', 'input.too-large')) return null
    throw error
  }
}

/** What a row says, in the terms of the specification. */
export const knowledgeIn = (row: PeerRow | undefined): Knowledge =>
  row
    ? {
        lastSeen: row.last_seen,
        keySeen: row.key_seen,
        key: row.certificate && { certificate: row.certificate, fingerprint: row.fingerprint },
        prefersEncryption: row.prefers_encryption === 1,
        gossipSeen: row.gossip_seen,
        gossip: row.gossip && { certificate: row.gossip, fingerprint: row.gossip_fingerprint },
      }
    : nobody

/** The row that says it. */
export const rowOf = ({ id }: Account, address: string, known: Knowledge, verified: 0 | 1): PeerRow => ({
  account_id: id,
  address,
  last_seen: known.lastSeen,
  key_seen: known.keySeen,
  prefers_encryption: Number(known.prefersEncryption),
  fingerprint: known.key?.fingerprint ?? '',
  certificate: known.key?.certificate ?? null,
  verified,
  gossip_seen: known.gossipSeen,
  gossip_fingerprint: known.gossip?.fingerprint ?? '',
  gossip: known.gossip?.certificate ?? null,
})

export const isSameKey = (a: PeerKey | null, b: PeerKey | null): boolean =>
  a?.fingerprint === b?.fingerprint && Buffer.from(a?.certificate ?? []).equals(b?.certificate ?? new Uint8Array())

const isSame = (a: Knowledge, b: Knowledge): boolean =>
  a === b ||
  (a.lastSeen === b.lastSeen &&
    a.keySeen === b.keySeen &&
    a.prefersEncryption === b.prefersEncryption &&
    a.gossipSeen === b.gossipSeen &&
    isSameKey(a.key, b.key) &&
    isSameKey(a.gossip, b.gossip))

/**
 * A key that comes again keeps what was known of it: a mail that was sent before a revocation, or made to look so, must
 * not take it back.
 */
export async function joined(ctx: Context, known: PeerKey | null, arriving: PeerKey): Promise<PeerKey> {
  if (known?.fingerprint !== arriving.fingerprint || isSameKey(known, arriving)) return arriving
  const { certificate: own } = known
  const merging = ctx.workers.openpgp.merge({ certificate: own, other: arriving.certificate, now: ctx.clock.now() })
  try {
    const { certificate } = await inOurWords(merging)
    return certificate.length > KEY_BYTES ? arriving : { ...arriving, certificate }
  } catch (error) {
    if (isRefusal(error, 'key.unreadable', 'input.too-large')) return arriving
    throw error
  }
}

export interface Learnt {
  before: Knowledge
  after: Knowledge
  verified: boolean
}

interface Lesson {
  account: Account
  address: string
  origin: Origin
  /** what is known then; called outside the transaction, as it may ask the engine */
  learn: (known: Knowledge, verified: boolean) => Promise<Knowledge>
  /** has the owner just said that this key is right? */
  confirms?: (known: Knowledge) => boolean
  /** has the mail brought a key that its owner must choose to take? */
  offers?: (before: Knowledge, after: Knowledge) => boolean
}

/**
 * Changes what an account knows of an address. A key that takes the place of a verified one is not verified, and the
 * account is told, once. Refuses with 'server.busy' when others keep changing the same.
 */
export async function learnOf(
  ctx: Context,
  { account, address, origin, learn, confirms = () => false, offers }: Lesson,
): Promise<Learnt> {
  for (let turn = 0; turn < TURNS; turn++) {
    const row = await peerOf(ctx, account.id, address)
    const before = knowledgeIn(row)
    const after = await learn(before, row?.verified === 1)
    const keeps = row?.verified === 1 && after.key?.fingerprint === row.fingerprint
    const verified = confirms(after) || keeps
    const isOld = isSame(before, after) && verified === (row?.verified === 1)
    if (isOld) return { before, after: before, verified }
    const isDone = await atomically(ctx, async (ctx) => {
      await holdAccount(ctx, account.id)
      const current = await peerOf(ctx, account.id, address)
      if (!isSame(knowledgeIn(current), before) || current?.verified !== row?.verified) return false
      await keepPeer(ctx, rowOf(account, address, after, verified ? 1 : 0))
      if (!row) await forgetPeersBeyond(ctx, account.id, PEERS_AT_MOST)
      if (verified !== (row?.verified === 1)) {
        const detail = { address, key: after.key?.fingerprint ?? '', verified }
        await record(ctx, { event: 'autocrypt.verified', account: account.id, origin, detail })
        // What he verified is gone, and it may have been his mail program that did it by itself.
        if (!verified) await tell(ctx, account, 'peer.key-changed', { name: address })
      }
      if (offers?.(before, after)) await tell(ctx, account, 'peer.key-offered', { name: address })
      return true
    })
    if (isDone) return { before, after, verified }
  }
  throw new Refusal('server.busy', { retryAfter: 1 })
}
