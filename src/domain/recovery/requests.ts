import { atomically, type Context } from '#src/context.ts'
import {
  type Account,
  findByAddress,
  holdAccount,
  isPasswordFixed,
  isShutOut,
  type Population,
} from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { phoneNumber } from '#src/domain/factors/factors.ts'
import { judgeOutbox } from '#src/domain/messages/messages.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { uuid } from '#src/lib/chance.ts'
import { isAddress, plainAddress } from '#src/lib/mail-address.ts'
import { letWish } from './asking.ts'
import { sendLink, waitForLink } from './links.ts'
import { remindOfNames } from './reminding.ts'
import * as store from './store.ts'
import { sendToken } from './tokens.ts'

// Longer than any address of ours: a longer name is cut, and finds nobody.
const NAME_AT_MOST = 300

/** Where a letter is wished to: a mail address or a phone number, as somebody typed it. */
export type WishedTarget = { email: string } | { phoneNumber: string }

interface Wish {
  kind: 'link' | 'username' | 'token'
  name?: string
  target?: string
  population?: Population
}

/**
 * Takes the wish for a letter, by a name or to a target that may be nobody's. Nothing is looked up here, so that the
 * answer and its time are the same for all; `answerLinkRequests` does the rest at its next turn: at once it would be
 * heard in the time of this answer. Too many from one network are dropped without a word; 'server.busy' for everybody
 * while the outbox is full.
 */
async function take(ctx: Context, { kind, name = '', target = '', population }: Wish, origin: Origin): Promise<void> {
  await judgeOutbox(ctx)
  const attempt = await letWish(ctx, origin)
  if (!attempt) return
  await atomically(ctx, async (ctx) => {
    await attempt.failed(ctx)
    await store.insertRequest(ctx, {
      id: uuid(ctx.clock.chance),
      kind,
      name: plainAddress(name).slice(0, NAME_AT_MOST),
      target,
      population: population ?? '',
      protocol: origin.protocol,
      network: origin.network,
      created: ctx.clock.now(),
    })
  })
}

/** Takes the wish for a link to a new password. The answer tells nothing. */
export const requestPasswordLink = (
  ctx: Context,
  { name, population, origin }: { name: string; population: Population; origin: Origin },
): Promise<void> => take(ctx, { kind: 'link', name, population }, origin)

/** The target as methods have it; empty for one that no method can have. */
async function methodTarget(wished: WishedTarget): Promise<string> {
  if ('email' in wished) {
    const address = plainAddress(wished.email)
    return isAddress(address) ? address : ''
  }
  return phoneNumber(wished.phoneNumber).catch((error: unknown) => {
    if (isRefusal(error, 'factor.target-invalid')) return ''
    throw error
  })
}

/** Takes the wish to be reminded of user names, at a mail address or number. The answer tells nothing. */
export const requestUsernames = async (
  ctx: Context,
  { to, origin }: { to: WishedTarget; origin: Origin },
): Promise<void> => take(ctx, { kind: 'username', target: await methodTarget(to) }, origin)

/** Takes the wish for a recovery token: by a user name, to a target that has to be one of its methods. Tells nothing. */
export const requestToken = async (
  ctx: Context,
  { name, to, origin }: { name: string; to: WishedTarget; origin: Origin },
): Promise<void> => take(ctx, { kind: 'token', name, target: await methodTarget(to) }, origin)

/** The account that a request names, held; null for nobody, and for one that is shut out. */
async function accountFor(ctx: Context, { name, population }: store.RequestRow): Promise<Account | null> {
  const found = await findByAddress(ctx, name)
  if (!found || (population !== '' && found.population !== population)) return null
  const account = await holdAccount(ctx, found.id)
  return isShutOut(account) ? null : account
}

type Answer = (ctx: Context, request: store.RequestRow, origin: Origin) => Promise<void>

const answers: Record<string, Answer> = {
  async link(ctx, request, origin) {
    const account = await accountFor(ctx, request)
    await record(ctx, { event: 'link.asked', account: account?.id ?? null, origin })
    // Where only administrators change passwords, only they send the link.
    if (account && !(await isPasswordFixed(ctx, account)) && (await waitForLink(ctx, account)) === 0)
      await sendLink(ctx, { account, purpose: 'password', origin })
  },
  async token(ctx, request, origin) {
    const account = await accountFor(ctx, request)
    await record(ctx, { event: 'recovery.asked', account: account?.id ?? null, origin })
    if (account) await sendToken(ctx, { account, target: request.target, origin })
  },
  async username(ctx, { target }, origin) {
    await record(ctx, { event: 'recovery.asked', origin })
    await remindOfNames(ctx, { target, origin })
  },
}

/** Answers one request, if there is any: a letter, when there may be one. Returns how many it took. */
export const answerLinkRequests = (ctx: Context): Promise<number> =>
  atomically(ctx, async (ctx) => {
    const request = await store.takeRequest(ctx)
    if (!request) return 0
    await answers[request.kind]?.(ctx, request, { protocol: request.protocol, network: request.network, agent: '' })
    return 1
  })
