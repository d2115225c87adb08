import { sql } from 'kysely'
import type { Context } from '#src/context.ts'
import { sweepRows } from '#src/db/sweeping.ts'
import type { Tables } from '#src/db/tables.ts'

export type FoundRow = Tables['found_key']

/** What stands in the place of an address for the fact that a key was revoked, and for an uploaded key's next look. */
export const REVOKED = 'revoked'
export const UPLOADED = 'uploaded'

/** What the sources in the world said of an address when they were asked last. */
export const foundFor = (ctx: Context, address: string): Promise<FoundRow[]> =>
  ctx.db
    .selectFrom('found_key')
    .selectAll()
    .where('address', '=', address)
    .where('source', 'not in', [REVOKED, UPLOADED])
    .execute()

/** Keeps an answer, whoever is asking again meanwhile. */
export async function keepFound(ctx: Context, row: FoundRow): Promise<void> {
  const { source: _, address: __, ...changes } = row
  await ctx.db
    .insertInto('found_key')
    .values(row)
    .onConflict((conflict) => conflict.columns(['source', 'address']).doUpdateSet(changes))
    .execute()
}

type Which = Pick<FoundRow, 'source' | 'address'>

export const changeFound = (ctx: Context, { source, address }: Which, changes: Partial<Omit<FoundRow, keyof Which>>) =>
  ctx.db.updateTable('found_key').set(changes).where('source', '=', source).where('address', '=', address).execute()

/** Was this key ever seen revoked? */
export const isKnownRevoked = async (ctx: Context, fingerprint: string): Promise<boolean> =>
  (await ctx.db
    .selectFrom('found_key')
    .select('address')
    .where('source', '=', REVOKED)
    .where('address', '=', fingerprint)
    .executeTakeFirst()) !== undefined

/** Notes something of a key under its fingerprint, unless it is noted already. */
export const noteKey = (ctx: Context, source: typeof REVOKED | typeof UPLOADED, fingerprint: string, expires: number) =>
  ctx.db
    .insertInto('found_key')
    .values({
      source,
      address: fingerprint,
      fingerprint,
      certificate: null,
      fetched: ctx.clock.now(),
      used: ctx.clock.now(),
      expires,
      claimed: 0,
    })
    .onConflict((conflict) => conflict.columns(['source', 'address']).doNothing())
    .execute()

/** Keys that are due to be asked for again, those first that have waited longest: used since then, or uploaded. */
export const dueKeys = (ctx: Context, { usedSince, most }: { usedSince: number; most: number }): Promise<FoundRow[]> =>
  ctx.db
    .selectFrom('found_key')
    .selectAll()
    .where('expires', '<=', ctx.clock.now())
    .where('claimed', '<=', ctx.clock.now())
    .where(({ and, eb, or }) =>
      or([
        eb('source', '=', UPLOADED),
        and([eb('certificate', 'is not', null), eb('used', '>', usedSince), eb('source', '!=', REVOKED)]),
      ]),
    )
    .orderBy('expires')
    .limit(most)
    .execute()

/**
 * Takes such a row for oneself until `until`; null when another process was faster. To everybody else it is as old as
 * it was: they ask for themselves.
 */
export async function claimDue(
  ctx: Context,
  { source, address, expires, claimed }: FoundRow,
  until: number,
): Promise<FoundRow | null> {
  const row = await ctx.db
    .updateTable('found_key')
    .set({ claimed: until })
    .where('source', '=', source)
    .where('address', '=', address)
    .where('expires', '=', expires)
    .where('claimed', '=', claimed)
    .returningAll()
    .executeTakeFirst()
  return row ?? null
}

/** Writes down what came of a claim, unless somebody has had a newer answer meanwhile. */
export const changeClaimed = (
  ctx: Context,
  { source, address, claimed }: FoundRow,
  changes: Partial<Pick<FoundRow, 'certificate' | 'fetched' | 'expires'>>,
) =>
  ctx.db
    .updateTable('found_key')
    .set({ ...changes, claimed: 0 })
    .where('source', '=', source)
    .where('address', '=', address)
    .where('claimed', '=', claimed)
    .execute()

/** The same, for what is of no use any more. */
export const dropClaimed = (ctx: Context, { source, address, claimed }: FoundRow) =>
  ctx.db
    .deleteFrom('found_key')
    .where('source', '=', source)
    .where('address', '=', address)
    .where('claimed', '=', claimed)
    .execute()

/** Fingerprints of uploaded keys that nobody has planned to ask for yet. */
export async function unplannedUploads(ctx: Context, most: number): Promise<string[]> {
  const rows = await ctx.db
    .selectFrom('external_key')
    .leftJoin('found_key', (join) =>
      join.onRef('found_key.address', '=', 'external_key.fingerprint').on('found_key.source', '=', UPLOADED),
    )
    .select('external_key.fingerprint')
    .distinct()
    .where('found_key.address', 'is', null)
    .limit(most)
    .execute()
  return rows.map(({ fingerprint }) => fingerprint)
}

const answers = (ctx: Context) => ctx.db.selectFrom('found_key').where('source', 'not in', [REVOKED, UPLOADED])

/**
 * Takes away those answers that were used longest ago, as long as all of them are too many or too large; small batches.
 * Returns how many rows went.
 */
export async function sweepSurplus(ctx: Context, most: { rows: number; bytes: number }): Promise<number> {
  const { rows, bytes } = await answers(ctx)
    .select(({ fn }) => [fn.countAll<number>().as('rows'), fn.sum<number>(sql`length(certificate)`).as('bytes')])
    .executeTakeFirstOrThrow()
  if (Number(rows) <= most.rows && Number(bytes ?? 0) <= most.bytes) return 0
  const oldest = answers(ctx).select(['source', 'address']).orderBy('used').orderBy('address').limit(200)
  const result = await ctx.db
    .deleteFrom('found_key')
    .where(({ eb, refTuple }) => eb(refTuple('source', 'address'), 'in', oldest.$asTuple('source', 'address')))
    .executeTakeFirst()
  return Number(result.numDeletedRows)
}

/** Takes away what is of no use any more; small batches. Returns how many rows went. What was seen revoked stays. */
export const sweepFound = (ctx: Context, usedSince: number): Promise<number> =>
  sweepRows(ctx, {
    table: 'found_key',
    by: ['source', 'address'],
    where: sql`expires <= ${ctx.clock.now()} and source not in (${REVOKED}, ${UPLOADED})
      and (certificate is null or used <= ${usedSince})`,
  })
