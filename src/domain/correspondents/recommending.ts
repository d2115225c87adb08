import type { Context } from '#src/context.ts'
import { type Account, findByAddress } from '#src/domain/accounts/accounts.ts'
import { currentCertificate, keyProfile } from '#src/domain/keys/keys.ts'
import { canonicalAddress } from '#src/lib/autocrypt/header.ts'
import { adviceFor, adviceForAll, type Recommendation } from '#src/lib/autocrypt/recommendation.ts'
import { fingerprintOf } from '#src/lib/openpgp/packets.ts'
import { peerOf } from './autocrypt-store.ts'
import { type Knowledge, knowledgeIn, type PeerKey } from './peers.ts'
import { isUsable } from './seeing.ts'

export interface RecipientAdvice {
  email: string
  recommendation: Recommendation
  /** of the key to encrypt with */
  fingerprint: string | null
  /** the key is right: it is that of a colleague, or the user said so */
  verified: boolean
  /** nobody but others has sent this key */
  gossip: boolean
  /** whether he prefers encryption, as far as he has said so himself; null where nothing is known of him */
  prefersEncryption: boolean | null
}

const usableKey = async (ctx: Context, key: PeerKey | null): Promise<PeerKey | null> =>
  key && (await isUsable(ctx, key.certificate)) ? key : null

/** A colleague: what his own header would say in a mail of now. */
async function colleague(ctx: Context, { tenant }: Account, address: string): Promise<Knowledge | null> {
  const account = await findByAddress(ctx, address)
  // Another tenant's people are strangers: not even that they have a key is said.
  const current = account?.tenant === tenant && (await currentCertificate(ctx, address))
  if (!account || !current) return null
  const now = ctx.clock.now()
  const { encrypts } = await keyProfile(ctx, account)
  return { lastSeen: now, keySeen: now, key: current, prefersEncryption: encrypts, gossipSeen: 0, gossip: null }
}

async function adviceOf(
  ctx: Context,
  account: Account,
  { email, ...sender }: { email: string; prefers: boolean; answers: boolean },
): Promise<RecipientAdvice> {
  const own = await colleague(ctx, account, email)
  const row = own ? undefined : await peerOf(ctx, account.id, canonicalAddress(email) ?? '')
  const known = own ?? knowledgeIn(row)
  const peer = own ?? {
    ...known,
    key: await usableKey(ctx, known.key),
    gossip: await usableKey(ctx, known.gossip),
  }
  const { recommendation, key } = adviceFor(peer, sender)
  const isDirect = key !== null && peer.key === key
  return {
    email,
    recommendation,
    fingerprint: key && (key.fingerprint || fingerprintOf(key.certificate)),
    verified: isDirect && (own !== null || row?.verified === 1),
    gossip: key !== null && !isDirect,
    prefersEncryption: peer.key ? peer.prefersEncryption : null,
  }
}

/**
 * Whether a mail to these people should be encrypted (Autocrypt 1.1, section 2.4), for each and for all. `answers`: it is
 * a reply to an encrypted one. Our own people count as if they had just written.
 */
export async function recommend(
  ctx: Context,
  { account, emails, answers }: { account: Account; emails: readonly string[]; answers: boolean },
): Promise<{ recommendation: Recommendation; recipients: RecipientAdvice[] }> {
  const { encrypts: prefers } = await keyProfile(ctx, account)
  const recipients: RecipientAdvice[] = []
  for (const email of emails) recipients.push(await adviceOf(ctx, account, { email, prefers, answers }))
  return { recommendation: adviceForAll(recipients.map((one) => one.recommendation)), recipients }
}
