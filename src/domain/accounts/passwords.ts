import { atomically, type Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import type { Policy } from '#src/domain/policy/policy.ts'
import { Refusal } from '#src/domain/refusals.ts'
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
}

/** What counts the failures of one address: where they come from now, and wherever they come from. */
const gaugesOf = (ctx: Context, address: string, origin: Origin): { pair: Gauge; everywhere: Gauge } => ({
  pair: gauge(ctx, 'pair', `${address} ${origin.network}`, ctx.config.failuresAllowed, address),
  everywhere: gauge(ctx, 'account', address, ctx.config.accountFailuresAllowed, address),
})

/** Forgets failed sign-ins: whoever has just proven his mailbox should not have to wait for his own typing errors. */
export const forgiveFailures = (ctx: Context, account: Account, origin: Origin): Promise<void> =>
  forgive(ctx, Object.values(gaugesOf(ctx, account.email, origin)))

/**
 * Tries who somebody is: address and password, with the same work whether the account exists or not. The try is
 * counted before it is judged; who goes on must settle it. Refuses with 'credentials.invalid' or 'credentials.delayed'.
 */
export async function tryPassword(
  ctx: Context,
  { name, password, population, origin }: { name: string; password: string; population?: Population; origin: Origin },
): Promise<ProvenPassword> {
  const address = plainAddress(name)
  const anybody = await store.accountSeenFrom(ctx, address, origin.network)
  // At the other population's door an account is nobody's, and costs the same.
  const account = population && anybody?.population !== population ? undefined : anybody
  const seen = account?.network_seen ?? 0
  const { pair, everywhere } = gaugesOf(ctx, address, origin)
  const network = gauge(ctx, 'network', origin.network, ctx.config.addressFailuresAllowed)
  // Strangers may use up the account's own gauge; at an address that the owner signed in from before, it is not asked.
  const gauges: Gauge[] = seen > 0 ? [pair] : [pair, everywhere]
  const attempt = await letTry(ctx, {
    gauges,
    forgiven: [everywhere],
    shared: [network],
    reason: 'credentials.delayed',
  })
  const holds = await fits(ctx, account?.password ?? null, password).catch(async (error) => {
    await attempt.withdrawn(ctx)
    throw error
  })
  if (!account || !holds) {
    await atomically(ctx, async (ctx) => {
      await attempt.failed(ctx)
      await record(ctx, { event: 'sign-in.failed', account: account?.id ?? null, origin })
    })
    throw new Refusal('credentials.invalid')
  }
  // Before any transaction: hashing is slow.
  const fresh = await renewed(ctx, account.password, password)
  return {
    account,
    networkSeen: seen,
    async settle(ctx) {
      await attempt.succeeded(ctx)
      if (fresh) await store.replacePassword(ctx, { id: account.id, from: account.password!, to: fresh })
    },
  }
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

/** Must the password be changed before anything else is done? */
export const owesPassword = (account: Account, { passwordExpiryDays }: Policy, now: number): boolean =>
  account.must_change_password === 1 ||
  (passwordExpiryDays > 0 &&
    account.password !== null &&
    account.last_password_change + days(passwordExpiryDays) <= now)

const lengthOf = (password: string): number => [...password].length

/** Loaded on first use: the list is large, and a start should not wait for it. */
let common: Promise<Set<string>> | undefined
async function isCommon(password: string): Promise<boolean> {
  common ??= import('@zxcvbn-ts/language-common').then(
    ({ dictionary }) => new Set(dictionary['passwords-common'] as string[]),
  )
  return (await common).has(password.toLowerCase())
}

export type PasswordRule = (password: string) => boolean

/** What every protocol asks of a new password (NIST SP 800-63B-4 §3.1.1.2): length, and not on the list of the usual ones. */
async function isAcceptable(ctx: Context, password: string): Promise<boolean> {
  const length = lengthOf(password)
  const { passwordMinLength, passwordMaxLength } = ctx.config
  return length >= passwordMinLength && length <= passwordMaxLength && !(await isCommon(password))
}

async function wasUsed(ctx: Context, account: Account, password: string): Promise<boolean> {
  const former = await store.oldPasswords(ctx, account.id, ctx.config.passwordHistory)
  for (const { password: stored } of former) if (await fits(ctx, stored, password)) return true
  return false
}

/** Refuses a new password: 'password.weak' or 'password.reused'. `rule` is what a protocol asks for besides. */
export async function judgePassword(
  ctx: Context,
  { account, password, rule }: { account: Account | null; password: string; rule?: PasswordRule },
): Promise<void> {
  if (!(await isAcceptable(ctx, password)) || (rule && !rule(password))) throw new Refusal('password.weak')
  if (account && (await wasUsed(ctx, account, password))) throw new Refusal('password.reused')
}

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
      ctx.config.passwordHistory,
    )
    await record(ctx, { event: 'password.changed', account: account.id, actor, origin })
    return changed
  })
}
