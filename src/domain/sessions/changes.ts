import type { Context } from '#src/context.ts'
import { changesAfter } from './change-store.ts'

/**
 * Tells whose account or sessions changed, as soon as it is committed by anybody, so that an answer about them may be
 * kept until then. On SQLite only; elsewhere nothing may be kept.
 */
export interface ChangeFeed {
  /** Reads what is new; returns the place in the feed up to which everything is known, or null when nothing may be kept. */
  position(): number | null
  /** Did one of these accounts change after `position`? True also when that is no longer known. */
  changedSince(position: number, accounts: readonly string[]): boolean
}

// Beyond this many new changes at once it is cheaper to forget everything.
const AT_ONCE = 1000
const REMEMBERED = 20_000

/** `forget(account)` is called for each change; `forget(null)` when too much changed to tell whose. */
export function changeFeed(ctx: Context, forget: (account: string | null) => void): ChangeFeed {
  const read = changesAfter(ctx)
  let version: number | null = null
  let last = 0
  let floor = 0
  const lastChange = new Map<string, number>()

  function startAgain(): void {
    last = read?.latest() ?? 0
    floor = last
    lastChange.clear()
    forget(null)
  }

  function note(seq: number, account: string): void {
    last = seq
    lastChange.delete(account)
    lastChange.set(account, seq)
    forget(account)
  }

  return {
    position() {
      const now = ctx.database.version()
      if (now === null || !read) return null
      if (now === version) return last
      const isFirst = version === null
      const changes = isFirst ? null : read.after(last, AT_ONCE)
      if (!changes) startAgain()
      // Nobody's stands for everybody's: the policy of a domain has changed.
      else if (changes.some(({ account_id }) => account_id === '')) startAgain()
      else for (const { seq, account_id } of changes) note(seq, account_id)
      if (lastChange.size > REMEMBERED) startAgain()
      // Last: had the reading failed, the changes would have to be read again.
      version = now
      return last
    },
    changedSince(position, accounts) {
      return position < floor || accounts.some((account) => (lastChange.get(account) ?? 0) > position)
    },
  }
}
