import type { Context } from '#src/context.ts'
import { type Account, findAccount, isShutOut } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import type { Factor } from '#src/domain/factors/factors.ts'
import { canCarry, composeFrom } from '#src/domain/messages/messages.ts'
import { policyOf } from '#src/domain/policy/policy.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { countHourly, type Hourly, hourlyWait } from '#src/domain/throttles/hourly.ts'
import { base32, digits, typedBase32 } from '#src/lib/chance.ts'
import { seconds } from '#src/lib/clock.ts'
import { hmac, isSame } from '#src/lib/digests.ts'
import { plainAddress } from '#src/lib/mail-address.ts'
import * as store from './store.ts'
import { type RecoveryKind, recoveryFactors } from './ways.ts'

// An account gets so many times what one of its targets gets, however many it has.
const TARGETS_PER_HOUR = 2

interface Sending {
  channel: 'mail' | 'sms'
  template: 'recovery_token' | 'recovery_token_sms'
  /** seconds */
  lifetime(config: Context['config']): number
  fresh(ctx: Context): string
}

const sendings: Record<RecoveryKind, Sending> = {
  email: {
    channel: 'mail',
    template: 'recovery_token',
    lifetime: ({ recoveryMailLifetime }) => recoveryMailLifetime,
    // 130 bits, in one word: it is copied, not typed.
    fresh: ({ clock }) => base32(clock.chance, 26).toUpperCase(),
  },
  sms: {
    channel: 'sms',
    template: 'recovery_token_sms',
    lifetime: ({ recoverySmsLifetime }) => recoverySmsLifetime,
    fresh: ({ clock }) => digits(clock.chance, 8),
  },
}

const digestOf = (ctx: Context, accountId: string, token: string): string =>
  hmac(ctx.secrets.pepper, `recovery ${accountId} ${typedBase32(token)}`)

/** May another token go out? Counted apart from the codes of the second step, which no stranger may use up. */
async function takesTurn(ctx: Context, account: Account, target: string): Promise<boolean> {
  const last = await store.tokenOf(ctx, account.id)
  if (last && last.created + seconds(ctx.config.codePause) > ctx.clock.now()) return false
  const most = ctx.config.codesPerHour
  const bounds: Hourly[] = [
    { kind: 'recovery', subject: target, most },
    { kind: 'recovery-account', subject: account.id, most: most * TARGETS_PER_HOUR },
  ]
  for (const bound of bounds) if ((await hourlyWait(ctx, bound)) > 0) return false
  for (const bound of bounds) await countHourly(ctx, bound)
  return true
}

/**
 * Sends a recovery token to a target, if it is, letter for letter, an active method that may get it, and not too often.
 * The token before it is void. `account` is held by the caller's transaction.
 */
export async function sendToken(
  ctx: Context,
  { account, target, origin }: { account: Account; target: string; origin: Origin },
): Promise<void> {
  const factors = await recoveryFactors(ctx, await policyOf(ctx, account), account.id)
  const factor = factors.find((one) => one.target === target)
  if (!factor) return
  const { channel, template, lifetime, fresh } = sendings[factor.kind as RecoveryKind]
  if (!canCarry(ctx, channel) || !(await takesTurn(ctx, account, target))) return
  const token = fresh(ctx)
  const created = ctx.clock.now()
  const lives = lifetime(ctx.config)
  await store.putToken(ctx, {
    account_id: account.id,
    factor_id: factor.id,
    digest: digestOf(ctx, account.id, token),
    generation: account.generation,
    strikes: 0,
    created,
    expires: created + seconds(lives),
  })
  const values = { code: token, lifetime: lives }
  await composeFrom(ctx, { channel, to: target, template, reader: account, values, lifetime: seconds(lives) })
  await record(ctx, { event: 'recovery.sent', account: account.id, origin, detail: { kind: factor.kind } })
}

/** A right token: whose it is, and the method that it was sent by. */
export interface ProvenToken {
  account: Account
  factor: Factor
  digest: string
}

async function judged(ctx: Context, live: store.TokenRow | undefined, token: string): Promise<ProvenToken | null> {
  const digest = digestOf(ctx, live?.account_id ?? '', token)
  if (!live || !isSame(live.digest, digest)) return null
  await store.giveTryBack(ctx, live)
  const account = await findAccount(ctx, live.account_id)
  const factors = account ? await recoveryFactors(ctx, await policyOf(ctx, account), account.id) : []
  const factor = factors.find(({ id }) => id === live.factor_id)
  return account && factor ? { account, factor, digest } : null
}

/**
 * Proves a recovery token of a user name, which may be nobody's. A wrong one is counted against the token that there is;
 * a right one counts nothing and uses nothing up. 'recovery.token-invalid' whatever is wrong.
 */
export async function proveToken(
  ctx: Context,
  { name, token, origin }: { name: string; token: string; origin: Origin },
): Promise<ProvenToken> {
  const live = await store.strikeToken(ctx, plainAddress(name), ctx.config.tries)
  const proven = await judged(ctx, live, token)
  if (proven) return proven
  await record(ctx, { event: 'recovery.failed', account: live?.account_id ?? null, origin })
  throw new Refusal('recovery.token-invalid')
}

/** Uses a proven token up, in the caller's transaction; of many at once one gets through. 'recovery.token-invalid'. */
export async function useToken(ctx: Context, { digest }: ProvenToken, account: Account): Promise<void> {
  if (isShutOut(account)) throw new Refusal('recovery.token-invalid')
  if (!(await store.takeToken(ctx, account, digest))) throw new Refusal('recovery.token-invalid')
}
