import { atomically, type Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { policyOf } from '#src/domain/policy/policy.ts'
import { type Reason, Refusal } from '#src/domain/refusals.ts'
import { captchaGauge, type Gate, isCaptchaRequired } from '#src/domain/throttles/captchas.ts'
import { counted, forgive, type Gauge, gauge, letTry } from '#src/domain/throttles/throttles.ts'
import { uuid } from '#src/lib/chance.ts'
import { days } from '#src/lib/clock.ts'
import { plainAddress } from '#src/lib/mail-address.ts'
import { fits, renewed } from './imported-passwords.ts'
import type { Population } from './roles.ts'
import * as store from './store.ts'

export type Account = store.AccountRow

export interface ProvenPassword {
  account: Account
  /** when the account signed in from this network last; 0 for never */
  networkSeen: number
  /** Takes the try back and forgives the failures before it; belongs into the transaction that goes on from here. */
  settle(ctx: Context): Promise<void>
  /** The same for a program: it signs in all day, and must not cover up what others guess elsewhere meanwhile. */
  settleHere(ctx: Context): Promise<void>
}

/**
 * What counts the failures of one address: where they come from now, and wherever they come from. Of an account it is the
 * primary one, by whichever of its names somebody tries to get in: further names are no further guesses.
 */
const gaugesOf = (ctx: Context, address: string, origin: Origin): Record<'pair' | 'everywhere' | 'captcha', Gauge> => ({
  pair: gauge(ctx, 'pair', `${address} ${origin.network}`, ctx.config.failuresAllowed, address),
  everywhere: gauge(ctx, 'account', address, ctx.config.accountFailuresAllowed, address),
  captcha: captchaGauge(ctx, address),
})

/** What counts the failed sign-ins of everybody at one network. */
export const networkGauge = (ctx: Context, { network }: Origin): Gauge =>
  gauge(ctx, 'network', network, ctx.config.addressFailuresAllowed)

/** Forgets failed sign-ins: whoever has just proven his mailbox should not have to wait for his own typing errors. */
export const forgiveFailures = (ctx: Context, account: Account, origin: Origin): Promise<void> =>
  forgive(ctx, Object.values(gaugesOf(ctx, account.email, origin)))

/**
 * Tries who somebody is: address and password, with the same work whether the account exists or not. The try is
 * counted before it is judged; who goes on must settle it. Refuses with 'credentials.delayed', 'captcha.required' (by
 * the gate that there may be) or 'credentials.invalid'.
 */
export async function tryPassword(
  ctx: Context,
  {
    name,
    password,
    population,
    gate,
    origin,
  }: { name: string; password: string; population?: Population; gate?: Gate; origin: Origin },
): Promise<ProvenPassword> {
  const address = plainAddress(name)
  const anybody = await store.accountSeenFrom(ctx, address, origin.network)
  // At the other population's door an account is nobody's, and costs the same.
  const account = population && anybody?.population !== population ? undefined : anybody
  const seen = account?.network_seen ?? 0
  const subject = anybody?.email ?? address
  const { pair, everywhere, captcha } = gaugesOf(ctx, subject, origin)
  // Strangers may use up the account's own gauge; at an address that the owner signed in from before, it is not asked.
  const gauges: Gauge[] = seen > 0 ? [pair] : [pair, everywhere]
  const attempt = await letTry(ctx, {
    gauges,
    forgiven: [everywhere, captcha],
    shared: [networkGauge(ctx, origin)],
    reason: 'credentials.delayed',
  })
  async function judge(): Promise<Reason | null> {
    // Nobody's password is looked at then, so that the shorter time says nothing about an account.
    if (gate && !(await gate.isPassed(ctx, subject))) return 'captcha.required'
    return (await fits(ctx, account?.password ?? null, password)) ? null : 'credentials.invalid'
  }
  const fault = await judge().catch(async (error) => {
    await attempt.withdrawn(ctx)
    throw error
  })
  if (!account || fault) {
    // By itself: whoever waits for a count in a transaction makes others wait.
    await gate?.failed(ctx, subject)
    await atomically(ctx, async (ctx) => {
      await attempt.failed(ctx)
      await record(ctx, { event: 'sign-in.failed', account: account?.id ?? null, origin })
    })
    throw new Refusal(fault ?? 'credentials.invalid')
  }
  // Before any transaction: hashing is slow.
  const fresh = await renewed(ctx, account.password, password)
  async function renew(ctx: Context): Promise<void> {
    if (fresh) await store.replacePassword(ctx, { id: account!.id, from: account!.password!, to: fresh })
  }
  return {
    account,
    networkSeen: seen,
    async settle(ctx) {
      await attempt.succeeded(ctx)
      await renew(ctx)
    },
    async settleHere(ctx) {
      await attempt.withdrawn(ctx)
      await forgive(ctx, [pair])
      await renew(ctx)
    },
  }
}

/** Must whoever signs in by this name read a captcha? Told of any name, be it anybody's or not. */
export async function needsCaptcha(ctx: Context, name: string): Promise<boolean> {
  const address = plainAddress(name)
  const account = await store.accountByAddress(ctx, address)
  return isCaptchaRequired(ctx, account?.email ?? address)
}

/** Proves who somebody is; refuses like `tryPassword`. */
export async function provePassword(
  ctx: Context,
  who: { name: string; password: string; origin: Origin },
): Promise<Account> {
  const { account, settle } = await tryPassword(ctx, who)
  await atomically(ctx, settle)
  return account
}

/** An address that an account signed in from is known: strangers' failures elsewhere do not delay it there. */
export async function rememberNetwork(ctx: Context, accountId: string, origin: Origin, seen: number): Promise<void> {
  const now = ctx.clock.now()
  // To the day is exact enough.
  if (seen < now - days(1))
    await store.rememberNetwork(ctx, { account_id: accountId, network: origin.network, last_seen: now })
}

/** Forgets networks that nobody signed in from for as long as anything is on record; small batches. */
export const sweepNetworks = (ctx: Context): Promise<number> =>
  store.sweepNetworks(ctx, ctx.clock.now() - days(ctx.config.auditDays))

// So many refused changes in the window are somebody's typing; more are guesses at what the password is or was.
const REFUSED_CHANGES = 10

/**
 * Runs a change that brings a new password, and counts it when it is refused: the answer that a password was used before
 * would otherwise be a way to guess it. Refuses with 'credentials.delayed' besides.
 */
export const countedPasswordChange = <T>(ctx: Context, account: Account, change: () => Promise<T>): Promise<T> =>
  counted(
    ctx,
    {
      gauges: [gauge(ctx, 'password-change', account.id, REFUSED_CHANGES, account.email)],
      reason: 'credentials.delayed',
    },
    { judge: change, onFailure: async () => {} },
  )

/**
 * Keeps the hash of a password that has been judged, and ends every session of the account. Returns the account as it
 * is then. `mustChange`: the next sign-in has to bring a new one.
 */
export async function setPassword(
  ctx: Context,
  {
    account,
    hash,
    actor,
    origin,
    mustChange,
  }: {
    account: Account
    hash: string
    actor?: string
    origin: Origin
    mustChange: boolean
  },
): Promise<Account> {
  return atomically(ctx, async (ctx) => {
    const now = ctx.clock.now()
    await store.raiseGeneration(ctx, account.id)
    const changed = await store.updateAccount(ctx, account.id, {
      password: hash,
      must_change_password: mustChange ? 1 : 0,
      last_password_change: now,
      modified: now,
    })
    if (!changed) throw new Refusal('account.unknown')
    await store.rememberPassword(
      ctx,
      { id: uuid(ctx.clock.chance), account_id: account.id, password: hash, created: now },
      (await policyOf(ctx, account)).passwordHistory,
    )
    await record(ctx, { event: 'password.changed', account: account.id, actor, origin })
    return changed
  })
}
