import type { Run } from './judging.ts'
import type { People } from './source.ts'

const ORPHANS: readonly [table: string, column: string, people: People, what: string][] = [
  ['apikeys', 'useruuid', 'user', 'API keys'],
  ['avatars2', 'id', 'user', 'avatars'],
  ['subavatars', 'id', 'subscriber', 'avatars of subscribers'],
  ['preferences', 'id', 'user', 'preferences'],
  ['subpreferences', 'id', 'subscriber', 'preferences of subscribers'],
]

const NOT_CARRIED: readonly [what: string, ...tables: string[]][] = [
  ['tokens', 'tokens', 'subtokens'],
  ['links in mails', 'actions'],
  ['entries of the sign-in history', 'logins', 'sublogins'],
]

/** Names what stays behind for good: what hangs on nobody, and what is of no use elsewhere. */
export async function nameLeftovers({ source, say }: Run): Promise<void> {
  for (const [table, column, people, what] of ORPHANS) {
    const count = await source.countOrphans(table, column, people)
    if (count > 0) say(`stays behind, because it belongs to nobody there: ${what} (${count})`)
  }
  for (const [what, ...tables] of NOT_CARRIED) {
    let count = 0
    for (const table of tables) count += await source.count(table)
    if (count > 0) say(`not carried over: ${what} (${count})`)
  }
}
