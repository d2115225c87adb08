import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { chooseAtRest, currentCertificate, isEncryptedAtRest } from '#src/domain/keys/keys.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { judgeOwner, signingOf } from './signing.ts'

/** What somebody lets the gateway do with his mail. */
export interface GatewaySettings {
  /** it signs in his name, with the key that has this fingerprint */
  signing: { fingerprint: string; since: number } | null
  /** what comes for him is encrypted with his key */
  incoming: boolean
}

export async function gatewaySettings(ctx: Context, account: Account): Promise<GatewaySettings> {
  return { signing: await signingOf(ctx, account), incoming: await isEncryptedAtRest(ctx, account) }
}

/** Has mail to somebody encrypted with his own key, or no more. Refuses with 'key.none' where he has none to be used. */
export async function setIncoming(
  ctx: Context,
  { account, isWanted, origin }: { account: Account; isWanted: boolean; origin: Origin },
): Promise<void> {
  judgeOwner(account)
  if (isWanted && !(await currentCertificate(ctx, account.email))) throw new Refusal('key.none')
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    if ((await isEncryptedAtRest(ctx, account)) === isWanted) return
    await chooseAtRest(ctx, account, isWanted)
    const detail = { on: isWanted }
    await record(ctx, { event: 'gateway.incoming-changed', account: account.id, origin, detail })
    await tell(ctx, account, isWanted ? 'gateway.incoming-on' : 'gateway.incoming-off')
  })
}
