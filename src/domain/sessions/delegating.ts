import { atomically, type Context } from '#src/context.ts'
import { type Account, findByAddress, isShutOut } from '#src/domain/accounts/accounts.ts'
import { record, recordNews } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { type AppPassword, findAppPassword, noteAppPassword } from '#src/domain/programs/programs.ts'
import { isRefusal, Refusal } from '#src/domain/refusals.ts'
import { days } from '#src/lib/clock.ts'
import { openSession } from './opening.ts'
import { findProvenSession, type Signed } from './sessions.ts'

/** What a program holds in its owner's name: an access token, or an address and one of the app passwords there. */
export type Delegation = { token: string } | { name: string; password: string }

interface Delegate {
  account: Account
  /** null for an access token */
  used: AppPassword | null
}

// Whose access tokens count.
const TOKEN_PROTOCOLS = ['openwifi', 'openwifi-subscribers']

/** The owner of a live access token; null when it is none. */
export async function ownerOfToken(ctx: Context, token: string): Promise<Account | null> {
  const found = await findProvenSession(ctx, { token, protocols: TOKEN_PROTOCOLS, isProven: () => true }).catch(
    (error: unknown) => {
      if (isRefusal(error)) return null
      throw error
    },
  )
  return found?.account ?? null
}

/** For whom it stands; null for nobody. Nothing is counted here: none of it can be guessed. */
async function delegateOf(ctx: Context, delegation: Delegation): Promise<Delegate | null> {
  if ('token' in delegation) {
    const account = await ownerOfToken(ctx, delegation.token)
    return account && { account, used: null }
  }
  const account = await findByAddress(ctx, delegation.name)
  const used = await findAppPassword(ctx, account, delegation.password)
  if (!account || !used?.scopes.includes('api')) return null
  return isShutOut(account) || account.awaiting_confirmation ? null : { account, used }
}

/** Writes a program's sign-in down as often as is worth reading: it signs in all day. */
async function note(ctx: Context, { account: { id }, used }: Delegate, origin: Origin): Promise<void> {
  const happening = { event: 'sign-in.done', account: id, origin } as const
  if (!used) return recordNews(ctx, { ...happening, detail: { by: 'access-token' } }, days(1))
  if (await noteAppPassword(ctx, used, origin))
    await record(ctx, { ...happening, detail: { by: 'app-password', name: used.name } })
}

/** Opens a session for a program, which can change nothing of the account; null when what it brings stands for nobody. */
export async function signInDelegated(
  ctx: Context,
  { delegation, token, proof, origin }: { delegation: Delegation; token: string; proof: string; origin: Origin },
): Promise<Signed | null> {
  const delegate = await delegateOf(ctx, delegation)
  if (!delegate) return null
  const { account } = delegate
  return atomically(ctx, async (ctx) => {
    await note(ctx, delegate, origin)
    return { session: await openSession(ctx, { account, token, proof, state: 'delegated', origin }), account }
  })
}

/**
 * Refuses ('session.invalid') when what a session was opened with stands for its owner no longer: the token is over, the
 * app password removed, or none is taken any more.
 */
export async function judgeDelegation(ctx: Context, { account }: Signed, delegation: Delegation | null): Promise<void> {
  const delegate = delegation && (await delegateOf(ctx, delegation))
  if (delegate?.account.id !== account.id) throw new Refusal('session.invalid')
}
