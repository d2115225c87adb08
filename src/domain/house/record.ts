import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Context } from '#src/context.ts'
import { type Actor, emailsOf, findAccount, findByAddress } from '#src/domain/accounts/accounts.ts'
import { type Entry, record, type Sought, searchRecord } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { judgeOperator } from '#src/domain/operating.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Place } from '#src/lib/scanning.ts'

/** A line of the record, with the addresses that the accounts in it have today; null for those that are gone. */
export interface Line extends Entry {
  accountAddress: string | null
  actorAddress: string | null
}

/** What is sought, as people say it: accounts by address or by id. */
export type Wished = Sought

async function idBy(ctx: Context, addressOrId: string | undefined): Promise<string | undefined> {
  if (addressOrId === undefined || !addressOrId.includes('@')) return addressOrId
  const account = await findByAddress(ctx, addressOrId)
  if (!account) throw new Refusal('account.unknown')
  return account.id
}

/** Turns addresses into the ids that the record has. 'account.unknown' for an address that nobody has (any more). */
export async function soughtBy(ctx: Context, caller: Actor, wished: Wished): Promise<Sought> {
  judgeOperator(caller)
  return { ...wished, account: await idBy(ctx, wished.account), actor: await idBy(ctx, wished.actor) }
}

async function withAddresses(ctx: Context, entries: readonly Entry[]): Promise<Line[]> {
  const ids = new Set(entries.flatMap(({ account, actor }) => [account, actor]).filter((id) => id !== null))
  const emails = await emailsOf(ctx, [...ids])
  const of = (id: string | null) => (id === null ? null : (emails.get(id) ?? null))
  return entries.map((entry) => ({ ...entry, accountAddress: of(entry.account), actorAddress: of(entry.actor) }))
}

/** A page of the record, newest first; see `searchRecord`. */
export async function pageOfRecord(
  ctx: Context,
  sought: Sought,
  page: { behind: Place | null; limit: number },
): Promise<{ lines: Line[]; next: Place | null }> {
  const { entries, next } = await searchRecord(ctx, sought, page)
  return { lines: await withAddresses(ctx, entries), next }
}

const BATCH = 500

/** All that is sought, in batches; between two of them others get their turn. Ends when whoever asked is shut out. */
async function* batches(ctx: Context, caller: Actor, sought: Sought): AsyncGenerator<Line[]> {
  let behind: Place | null = null
  do {
    const { lines, next }: Awaited<ReturnType<typeof pageOfRecord>> = await pageOfRecord(ctx, sought, {
      behind,
      limit: BATCH,
    })
    if (lines.length > 0) yield lines
    behind = next
    await nextTurn()
    if (behind && (await findAccount(ctx, caller.id))?.generation !== caller.generation) return
  } while (behind)
}

/** Everything that is sought, newest first, as it is read; that somebody took it is on record, too. */
export async function exportRecord(
  ctx: Context,
  { caller, sought, format, origin }: { caller: Actor; sought: Sought; format: string; origin: Origin },
): Promise<AsyncGenerator<Line[]>> {
  judgeOperator(caller)
  await record(ctx, { event: 'record.exported', actor: caller.id, origin, detail: { format } })
  return batches(ctx, caller, sought)
}
