import type { Context } from '#src/context.ts'
import type { Ledger } from '#src/db/foreign.ts'
import { findAccount, findByAddress } from '#src/domain/accounts/accounts.ts'
import { BadRow } from './loose.ts'
import type { Progress } from './progress.ts'
import type { ImportedPerson } from './rows.ts'
import type { People, Source } from './source.ts'

export interface Run {
  ctx: Context
  source: Source
  /** what a dry run would have taken; null when it is not one */
  ledger: Ledger | null
  /** one line of the report */
  say(line: string): void
  progress: Progress
}

type Verdict = 'new' | 'here'

// What stands in a foreign row must not steer the terminal it is shown on.
export const shown = (text: string | null | undefined): string =>
  JSON.stringify((text ?? '').slice(0, 100)).replace(/^"|"$|[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '')

/** How a row is named in the report. */
export const called = (people: People, { id, email }: { id?: string | null; email?: string | null }): string =>
  `${people} ${shown(email) || 'without an address'} (${shown(id)})`

/** Is this person to be taken over? Throws BadRow when the id or the address stands in the way. */
export async function judge(run: Run, people: People, person: ImportedPerson): Promise<Verdict> {
  const { ctx, source, ledger, say } = run
  const same = await findAccount(ctx, person.id)
  if (same && same.population !== people) throw new BadRow(`its id is that of a ${same.population} here`)
  if (same) return 'here'
  const holder = await findByAddress(ctx, person.email)
  const rival = holder && (await source.has(holder.id)) ? holder.id : ledger?.claim(person.email, person.id)
  if (rival) throw new BadRow(`its address is that of another row, ${shown(rival)}`)
  if (!holder) return 'new'
  if (holder.population !== people) throw new BadRow(`its address is that of a ${holder.population} here`)
  say(`${called(people, person)}: already here under the id ${holder.id}; nothing of this row was taken`)
  return 'here'
}
