import type { Context } from '#src/context.ts'
import { keyForRecipient } from '#src/domain/discovery/discovery.ts'
import { ensureGuest, type Guest, pinOf } from '#src/domain/guests/guests.ts'
import { isRefusal, type Reason } from '#src/domain/refusals.ts'
import { faultOf, NO_KEY, NO_OWN_KEY, type Share, sharesOf } from './sharing.ts'
import type { Fate, Unsealed } from './wishes.ts'

/** How one recipient gets a mail. */
export type Settled =
  | Exclude<Share, { how: 'guest' | 'new-key' }>
  | (Share & { how: 'guest'; guest: Guest; pin?: string })

// A colleague has got his account since we looked: he is no guest, and there is no key to write with.
const REFUSED: readonly [Reason, string][] = [
  ['guest.refuses', 'guest-refuses'],
  ['guest.off', NO_KEY],
  ['account.exists', NO_OWN_KEY],
]

async function invited(
  ctx: Context,
  { account, wish, origin }: Unsealed,
  share: Share & { how: 'guest' },
): Promise<Settled> {
  const { language, pin } = wish
  try {
    const { guest } = await ensureGuest(ctx, { inviter: account, address: share.plain, language, pin, origin })
    return { ...share, guest, pin: (await pinOf(ctx, guest)) ?? undefined }
  } catch (error) {
    const [, word] = REFUSED.find(([reason]) => isRefusal(error, reason)) ?? []
    if (!word) throw error
    return { ...share, how: 'refused', reason: word }
  }
}

async function withNewKey(ctx: Context, { account }: Unsealed, { address, plain }: Share): Promise<Settled> {
  const { key } = await keyForRecipient(ctx, { account, address: plain, create: true })
  if (key?.verdict === true) return { address, plain, how: 'encrypted', key }
  return { address, plain, how: 'refused', reason: key ? faultOf(key) : NO_OWN_KEY }
}

async function settled(ctx: Context, outgoing: Unsealed, share: Share): Promise<Settled> {
  if (share.how === 'guest') return invited(ctx, outgoing, share)
  if (share.how === 'new-key') return withNewKey(ctx, outgoing, share)
  return share
}

/**
 * How everybody gets a mail; who is to be a guest is made one, and who is to have a key gets it, as far as they have not
 * been before. `judge` sees it before anybody is made anything and again behind, and may refuse. Refuses 'rate.exceeded'
 * and 'server.busy': then it may be tried again, and goes on from there.
 */
export async function settledShares(
  ctx: Context,
  outgoing: Unsealed,
  judge: (shares: readonly (Share | Settled)[]) => void | Promise<void> = () => {},
): Promise<Settled[]> {
  const shares = await sharesOf(ctx, outgoing)
  await judge(shares)
  const all: Settled[] = []
  for (const share of shares) all.push(await settled(ctx, outgoing, share))
  await judge(all)
  return all
}

/** What the author is told of it. */
export function fateOf(share: Settled): Fate {
  const { address } = share
  if (share.how === 'unchanged') return { address, how: 'encrypted', source: 'sender' }
  if (share.how === 'encrypted') return { address, how: 'encrypted', source: share.key.source }
  if (share.how !== 'guest') return { address, how: share.how, reason: share.reason }
  return { address, how: 'guest', reason: NO_KEY, source: 'guest', ...(share.pin ? { pin: share.pin } : {}) }
}
