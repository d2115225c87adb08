import { setImmediate as nextTurn } from 'node:timers/promises'
import { atomically, type Context } from '#src/context.ts'
import { type SealedColumn, sealedColumns } from '#src/domain/seats.ts'
import { sealedUnder } from '#src/lib/sealing.ts'
import { replaceSealed, type SealedRow, sealedAfter, sealedIn } from './sealed-store.ts'

// On SQLite nobody else writes meanwhile: a few milliseconds of work.
const BATCH = 200

/** Told after every batch. */
type Tell = (table: string, looked: number, total: number) => void

async function everySealed(
  ctx: Context,
  tell: Tell,
  look: (column: SealedColumn, rows: readonly SealedRow[]) => Promise<void>,
): Promise<void> {
  let looked = 0
  let total = 0
  for (const column of sealedColumns) total += await sealedIn(ctx, column)
  for (const column of sealedColumns) {
    let after = ''
    for (;;) {
      const rows = await sealedAfter(ctx, column, { after, most: BATCH })
      if (rows.length === 0) break
      await look(column, rows)
      after = rows.at(-1)!.key[0]
      looked += rows.length
      tell(column.table, looked, total)
      // Whoever waits for the database comes in between.
      await nextTurn()
    }
  }
}

/** How many texts were sealed under each key, by its name. Reads all there is: not for a request. */
export async function countSealed(ctx: Context, tell: Tell): Promise<Map<string, number>> {
  const counts = new Map<string, number>()
  await everySealed(ctx, tell, async (_, rows) => {
    for (const { sealed } of rows) counts.set(sealedUnder(sealed), (counts.get(sealedUnder(sealed)) ?? 0) + 1)
  })
  return counts
}

/** The same text under the key that seals now; null for one that no key opens in its place. */
function anew({ secrets: { sealer } }: Context, { seat }: SealedColumn, { key, sealed }: SealedRow): string | null {
  const place = seat(...key)
  try {
    return sealer.seal(sealer.open(sealed, place), place)
  } catch {
    return null
  }
}

/**
 * Seals everything under the key that seals now, beside a running server. `done`: how many texts had another key;
 * `lost`: where there are texts that nothing opens. What is written meanwhile under another key needs another turn:
 * `countSealed` tells.
 */
export async function rewrap(ctx: Context, tell: Tell): Promise<{ done: number; lost: string[] }> {
  const { sealer } = ctx.secrets
  const lost: string[] = []
  let done = 0
  await everySealed(ctx, tell, async (column, rows) => {
    const older = rows.filter(({ sealed }) => sealedUnder(sealed) !== sealer.current)
    if (older.length === 0) return
    await atomically(ctx, async (ctx) => {
      for (const row of older) {
        const sealed = anew(ctx, column, row)
        if (sealed === null) lost.push(`${column.table} ${row.key[0]}`)
        else await replaceSealed(ctx, column, { row, sealed })
      }
    })
    done += older.length
  })
  return { done: done - lost.length, lost }
}
