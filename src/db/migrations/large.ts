import { type Kysely, sql } from 'kysely'
import type { Engine } from '../open.ts'

// For migrations that are marked `apart`: what may be done to a table of many rows while others write it. Each statement
// may run again: a migration that is apart is no transaction, and begins anew when its process ended in the middle.

/** Makes an index without holding up those who write; `on` is the table and what of it, as SQL. */
export async function addIndex(
  db: Kysely<unknown>,
  engine: Engine,
  name: string,
  on: string,
  { unique = false } = {},
): Promise<void> {
  const kind = sql.raw(unique ? 'create unique index' : 'create index')
  if (engine === 'sqlite') {
    await sql`${kind} if not exists ${sql.ref(name)} on ${sql.raw(on)}`.execute(db)
    return
  }
  // One that was broken off is there, is kept up to date, and is of no use.
  const broken = await sql`select 1 from pg_index join pg_class on pg_class.oid = indexrelid
    where relname = ${name} and pg_table_is_visible(pg_class.oid) and not indisvalid`.execute(db)
  if (broken.rows.length > 0) await dropIndex(db, engine, name)
  await sql`${kind} concurrently if not exists ${sql.ref(name)} on ${sql.raw(on)}`.execute(db)
}

async function dropIndex(db: Kysely<unknown>, engine: Engine, name: string): Promise<void> {
  const kind = sql.raw(engine === 'postgres' ? 'drop index concurrently' : 'drop index')
  await sql`${kind} if exists ${sql.ref(name)}`.execute(db)
}
