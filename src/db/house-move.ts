import { sql } from 'kysely'
import type { Database } from './open.ts'

/** What `chatelaine move` notes in the database that it fills: tables of its own, which no server needs. */
export const moveTables = ['house_move', 'house_move_table', 'house_move_rule'] as const

/** Is this a database that `chatelaine move` has begun to fill, and not verified yet? */
export async function isHalfMoved({ engine, query }: Database): Promise<boolean> {
  if (engine === 'sqlite') return false
  const { rows } = await sql<{ note: string | null }>`select to_regclass('house_move')::text as note`.execute(query)
  if (!rows[0]?.note) return false
  const unverified = await sql`select 1 from house_move where verified is null`.execute(query)
  return unverified.rows.length > 0
}
