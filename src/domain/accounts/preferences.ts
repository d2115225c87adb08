import { atomically, type Context } from '#src/context.ts'
import type { Account } from './passwords.ts'
import { judgeStanding } from './standing.ts'
import * as store from './store.ts'

export interface Preference {
  tag: string
  value: string
}

/** What an account's clients keep with it; `modified` is 0 as long as nothing was. */
export interface Preferences {
  data: Preference[]
  modified: number
}

const ENTRIES_AT_MOST = 1000
const BYTES_AT_MOST = 256 * 1024

/** Are they few and short enough to be kept? */
export function mayKeepPreferences(data: readonly Preference[]): boolean {
  if (data.length > ENTRIES_AT_MOST) return false
  const bytes = data.reduce((sum, { tag, value }) => sum + Buffer.byteLength(tag) + Buffer.byteLength(value), 0)
  return bytes <= BYTES_AT_MOST
}

export async function readPreferences(ctx: Context, account: Account): Promise<Preferences> {
  const row = await store.preferencesOf(ctx, account.id)
  return row ? { data: JSON.parse(row.data) as Preference[], modified: row.modified } : { data: [], modified: 0 }
}

/** Replaces all preferences of the caller. */
export const replacePreferences = (
  ctx: Context,
  { caller, data }: { caller: Account; data: Preference[] },
): Promise<Preferences> =>
  atomically(ctx, async (ctx) => {
    await judgeStanding(ctx, caller)
    await store.holdAccount(ctx, caller.id)
    const modified = ctx.clock.now()
    await store.putPreferences(ctx, { account_id: caller.id, data: JSON.stringify(data), modified })
    return { data, modified }
  })
