import { atomically, type Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { removeEveryPasskey } from '#src/domain/passkeys/passkeys.ts'
import { removeEveryAppPassword } from '#src/domain/programs/programs.ts'

/**
 * Removes what a thief may have set up to get in without the password, when its owner gets a new one by another way than
 * the old: app passwords, and passkeys. While 2-step verification is on these are second factors, which stay.
 */
export async function takeAccountBack(
  ctx: Context,
  { account, actor, origin }: { account: Account; actor?: string; origin: Origin },
): Promise<void> {
  await atomically(ctx, async (ctx) => {
    await removeEveryAppPassword(ctx, { account, actor, origin })
    if (account.two_step) return
    const count = await removeEveryPasskey(ctx, account)
    if (count === 0) return
    await record(ctx, { event: 'passkey.removed', account: account.id, actor, origin, detail: { count } })
    await tell(ctx, account, 'passkeys.removed')
  })
}
