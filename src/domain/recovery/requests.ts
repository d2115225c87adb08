import { atomically, type Context } from '#src/context.ts'
import { type Account, findByAddress, holdAccount, type Population } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { gauge, letTry } from '#src/domain/throttles/throttles.ts'
import { uuid } from '#src/lib/chance.ts'
import { plainAddress } from '#src/lib/mail-address.ts'
import { sendLink, waitForLink } from './links.ts'
import * as store from './store.ts'

// So many in the window are a large office behind one address; more are somebody who walks through a list.
const REQUESTS_PER_NETWORK = 100
// Longer than any address of ours: a longer name is cut, and finds nobody.
const NAME_AT_MOST = 300

/**
 * Takes the wish for a link to a new password, by a name that may be nobody's. Nothing is looked up here, so that the
 * answer and its time are the same for every name; `answerLinkRequests` does the rest at its next turn: at once it would
 * be heard in the time of this answer. Too many from one network are
 * dropped without a word.
 */
export async function requestPasswordLink(
  ctx: Context,
  { name, population, origin }: { name: string; population: Population; origin: Origin },
): Promise<void> {
  const gauges = [gauge(ctx, 'link-request', origin.network, REQUESTS_PER_NETWORK)]
  const attempt = await letTry(ctx, { gauges, reason: 'rate.exceeded' }).catch((error: unknown) => {
    if (isRefusal(error, 'rate.exceeded')) return null
    throw error
  })
  if (!attempt) return
  await atomically(ctx, async (ctx) => {
    await attempt.failed(ctx)
    await store.insertRequest(ctx, {
      id: uuid(ctx.clock.chance),
      kind: 'link',
      name: plainAddress(name).slice(0, NAME_AT_MOST),
      target: '',
      population,
      protocol: origin.protocol,
      network: origin.network,
      created: ctx.clock.now(),
    })
  })
}

async function accountFor(ctx: Context, { name, population }: store.RequestRow): Promise<Account | null> {
  const found = await findByAddress(ctx, name)
  const account = found?.population === population ? await holdAccount(ctx, found.id) : null
  return account && !account.suspended && !account.black_listed ? account : null
}

/** Answers one request, if there is any: a mail, when the account may have one. Returns how many it took. */
export const answerLinkRequests = (ctx: Context): Promise<number> =>
  atomically(ctx, async (ctx) => {
    const request = await store.takeRequest(ctx)
    if (!request) return 0
    const origin: Origin = { protocol: request.protocol, network: request.network, agent: '' }
    const account = await accountFor(ctx, request)
    await record(ctx, { event: 'link.asked', account: account?.id ?? null, origin })
    if (account && (await waitForLink(ctx, account)) === 0)
      await sendLink(ctx, { account, purpose: 'password', origin })
    return 1
  })
