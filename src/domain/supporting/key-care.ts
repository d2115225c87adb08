import type { Context } from '#src/context.ts'
import { accountInCare } from '#src/domain/accounts/accounts.ts'
import { hours } from '#src/lib/clock.ts'
import type { Care } from './caring.ts'
import { exposeKeys } from './exposing.ts'
import { removeKeys } from './removing.ts'
import { resetPassword } from './resetting.ts'

/** What the support desk of Guard does about keys, for an administrator who looks after the account. */

/** Mails the owner a new password of his key: 'primary' or 'secondary', by the address. */
export async function resetKeyOf(ctx: Context, care: Care): Promise<'primary' | 'secondary'> {
  const { email } = await accountInCare(ctx, { ...care, right: 'protect' })
  return resetPassword(ctx, { email, actor: care.caller.id, origin: care.origin })
}

/** Deletes all keys; what old mail needs to be read is kept. */
export async function removeKeysOf(ctx: Context, care: Care): Promise<void> {
  const { id: userId, tenant: cid } = await accountInCare(ctx, { ...care, right: 'protect' })
  await removeKeys(ctx, { userId, cid, actor: care.caller.id, origin: care.origin })
}

/** Makes a link to the deleted keys; answers its token, and when it ends. */
export async function exposeKeysOf(ctx: Context, care: Care): Promise<{ token: string; expires: number }> {
  const { email, tenant: cid } = await accountInCare(ctx, { ...care, right: 'protect' })
  const token = await exposeKeys(ctx, { email, cid, actor: care.caller.id, origin: care.origin })
  return { token, expires: ctx.clock.now() + hours(ctx.config.exposedKeyHours) }
}
