import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { Refusal } from '#src/domain/refusals.ts'
import * as store from './store.ts'

// Addresses and numbers name themselves; authenticators all look alike.
const NAMED = 'authApp'

/** The active authenticators of an account, oldest first. */
export const listAuthenticators = async (ctx: Context, account: Account): Promise<store.FactorRow[]> =>
  (await store.factorsOf(ctx, account.id)).filter(({ kind }) => kind === NAMED)

/** Names an authenticator of the account, or one that this session is setting up: 'factor.unknown'. */
export async function nameAuthenticator(
  ctx: Context,
  { account, sessionId, id, name }: { account: Account; sessionId: string; id: string; name: string },
): Promise<void> {
  const wish = { id, kind: NAMED, name }
  const isNamed =
    (await store.nameFactor(ctx, { ...wish, accountId: account.id })) ||
    (await store.namePending(ctx, { ...wish, sessionId }))
  if (!isNamed) throw new Refusal('factor.unknown')
}
