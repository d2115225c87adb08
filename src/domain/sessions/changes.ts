import type { Context } from '#src/context.ts'
import { newChanges } from './change-store.ts'

/**
 * Tells whose account or sessions changed, by whomever, so that an answer about them may be kept until then: on SQLite
 * as soon as it is committed, on PostgreSQL no later than a second after.
 */
export interface ChangeFeed {
  /** The place in the feed up to which everything is known, or null when nothing kept may be used. */
  position(): number | null
  /** Did one of these accounts change after `position`? True also when that is no longer known. */
  changedSince(position: number, accounts: readonly string[]): boolean
}

const REMEMBERED = 20_000

/** `forget(account)` is called for each change; `forget(null)` when too much changed to tell whose. */
export function changeFeed(ctx: Context, forget: (account: string | null) => void): ChangeFeed {
  let last = 0
  let floor = 0
  const lastChange = new Map<string, number>()

  function told(accounts: readonly string[] | null): void {
    last++
    // Nobody's stands for everybody's: the policy of a domain has changed.
    if (accounts === null || accounts.includes('') || lastChange.size + accounts.length > REMEMBERED) {
      floor = last
      lastChange.clear()
      forget(null)
      return
    }
    for (const account of accounts) {
      lastChange.set(account, last)
      forget(account)
    }
  }

  const watch = ctx.database.watchChanges(told) ?? newChanges(ctx, told)
  return {
    position: () => (watch.isCurrent() ? last : null),
    changedSince(position, accounts) {
      return position < floor || accounts.some((account) => (lastChange.get(account) ?? 0) > position)
    },
  }
}
