import { atomically, type Context } from '#src/context.ts'
import { type Account, findByAddress } from '#src/domain/accounts/accounts.ts'
import { canHaveOnDemand, createOnDemand } from '#src/domain/keys/keys.ts'
import { takeHourly } from '#src/domain/throttles/hourly.ts'
import { findKey, lookedFor } from './finding.ts'
import type { FoundKey } from './found.ts'

/** Whose key it is, or who could get one. */
export interface RecipientKey {
  key: FoundKey | null
  /** it was just made */
  made: boolean
  /** what somebody without a key would be given: a colleague his own key, a stranger one as a guest, others none */
  would: 'own-key' | 'guest-key' | 'nothing'
}

// Each is a key that somebody has not asked for, and a mail that tells him of it.
const MADE_AN_HOUR = 30

const colleagueAt = async (ctx: Context, account: Account, address: string): Promise<Account | null> => {
  const owner = await findByAddress(ctx, address)
  return owner?.tenant === account.tenant ? owner : null
}

/** What somebody without a key would be given. For an address that was looked for in vain. */
export async function wouldGet(ctx: Context, account: Account, address: string): Promise<RecipientKey['would']> {
  const colleague = await colleagueAt(ctx, account, lookedFor(address) ?? '')
  if (!colleague) return 'guest-key'
  return (await canHaveOnDemand(ctx, colleague)) ? 'own-key' : 'nothing'
}

/**
 * The key to write to an address with, and whether a colleague without one can get one; with `create` he gets it, where
 * he may have one at all. Refuses like `findKey`; 'rate.exceeded' when too many were made for the same account.
 */
export async function keyForRecipient(
  ctx: Context,
  { account, address, create }: { account: Account; address: string; create: boolean },
): Promise<RecipientKey> {
  const key = await findKey(ctx, { account, address })
  if (key) return { key, made: false, would: 'nothing' }
  const colleague = await colleagueAt(ctx, account, lookedFor(address) ?? '')
  if (!colleague) return { key, made: false, would: 'guest-key' }
  if (!(await canHaveOnDemand(ctx, colleague))) return { key, made: false, would: 'nothing' }
  if (!create) return { key, made: false, would: 'own-key' }
  const making = { kind: 'key-on-demand', subject: account.id, most: MADE_AN_HOUR }
  await atomically(ctx, (ctx) => takeHourly(ctx, making, 'rate.exceeded'))
  const made = await createOnDemand(ctx, colleague, account.email)
  return { key: await findKey(ctx, { account, address }), made, would: 'own-key' }
}
