import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { type Assertion, hasPasskey, provePasskey } from '#src/domain/passkeys/passkeys.ts'
import { proveFactor, withStepCounted } from './proving.ts'
import * as store from './store.ts'

/** What somebody shows in a session as his second factor: the code of a method, or a passkey's answer. */
export type Shown = { id: string; code: string } | { passkey: Assertion }

export interface Showing {
  account: Account
  sessionId: string
  shown: Shown
  origin: Origin
}

/** A second factor that was shown. */
export interface Proven {
  kind: string
  /** the method that it is; null for a passkey */
  methodId: string | null
  /** does the account still have it? */
  isKept(ctx: Context): Promise<boolean>
}

/** Proves a second factor of either sort. Refuses like `proveFactor` or `provePasskey`, and with 'code.too-many'. */
export async function proveShown(ctx: Context, { account, sessionId, shown, origin }: Showing): Promise<Proven> {
  if ('passkey' in shown) {
    const { id } = await withStepCounted(ctx, { account, origin }, () =>
      provePasskey(ctx, { account, sessionId, answer: shown.passkey }),
    )
    return { kind: 'passkey', methodId: null, isKept: (ctx) => hasPasskey(ctx, { id, accountId: account.id }) }
  }
  const binding = { kind: 'session', id: sessionId } as const
  const { id, kind } = await proveFactor(ctx, { account, ...shown, binding, origin })
  return { kind, methodId: id, isKept: async (ctx) => (await store.factorById(ctx, account.id, id)) !== undefined }
}
