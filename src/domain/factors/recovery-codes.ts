import type { Context } from '#src/context.ts'
import { type Account, keepInAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { base32, typedBase32 } from '#src/lib/chance.ts'
import { withStepCounted } from './proving.ts'
import * as store from './store.ts'

const COUNT = 10
const LENGTH = 16

const written = (code: string): string => (code.toUpperCase().match(/.{4}/g) ?? []).join('-')

const digestOf = async (ctx: Context, code: string, salt: string): Promise<string> =>
  (await ctx.workers.passwords.derive(code, salt)).toString('hex')

export interface RecoveryCodes {
  shown: string[]
  keep(ctx: Context): Promise<void>
}

/**
 * Ten codes of 80 random bits. Kept only as argon2id digests, under one salt for the set, so that a try costs one
 * hash. `keep` writes them, in the caller's transaction; the set before is void then.
 */
export async function freshRecoveryCodes(ctx: Context, account: Account): Promise<RecoveryCodes> {
  const codes = Array.from({ length: COUNT }, () => base32(ctx.clock.chance, LENGTH))
  const salt = ctx.workers.passwords.saltOf(ctx.clock.chance.bytes(16))
  const digests = await Promise.all(codes.map((code) => digestOf(ctx, code, salt)))
  return {
    shown: codes.map(written),
    async keep(ctx) {
      await keepInAccount(ctx, account.id, { recovery_salt: salt })
      await store.replaceRecoveryCodes(ctx, account.id, digests)
    },
  }
}

/** Does a text look like a recovery code rather than a one-time code? */
export const isRecoveryCode = (text: string): boolean => typedBase32(text).length === LENGTH

/** How many recovery codes of an account can still be used. */
export const recoveryCodesLeft = (ctx: Context, accountId: string): Promise<number> =>
  store.countRecoveryCodes(ctx, accountId)

async function use(ctx: Context, account: Account, code: string): Promise<void> {
  const salt = account.recovery_salt ?? ctx.workers.passwords.saltOf(new Uint8Array(16))
  const digest = await digestOf(ctx, typedBase32(code).slice(0, 64), salt)
  if (!account.recovery_salt || !(await store.useRecoveryCode(ctx, account.id, digest)))
    throw new Refusal('code.invalid')
}

/**
 * Uses a recovery code up as a second step; exactly one of many at once gets through. 'code.invalid' when it is none, or
 * was used; 'code.too-many'.
 */
export const takeRecoveryCode = (
  ctx: Context,
  { account, code, origin }: { account: Account; code: string; origin: Origin },
): Promise<void> =>
  withStepCounted(ctx, { account, origin }, async () => {
    await use(ctx, account, code)
    await record(ctx, { event: 'recovery-code.used', account: account.id, origin })
  })
