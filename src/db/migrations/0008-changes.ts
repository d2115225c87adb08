import { type Kysely, sql } from 'kysely'
import type { Engine } from '../open.ts'
import { needed } from './columns.ts'

/** Is it a server that can tell which transactions a reader has seen? Some that speak PostgreSQL's tongue cannot. */
async function hasSnapshots(db: Kysely<unknown>): Promise<boolean> {
  // YugabyteDB has the functions, and transactions of another kind.
  const found = await sql<{ found: number }>`select count(*) as found from pg_proc
    where proname in ('pg_current_xact_id', 'pg_current_snapshot', 'pg_visible_in_snapshot')
    and version() not like '%-YB-%'`.execute(db)
  return Number(found.rows[0]?.found) >= 3
}

/** What statements have changed, once for all their rows; `wakes` as its argument tells those who listen as well. */
async function functions(db: Kysely<unknown>, schema: string): Promise<void> {
  const changes = sql.table(`${schema}.account_change`)
  // Qualified: whoever restores or replicates writes under a search path of his own.
  const noted = (name: string, accounts: string) =>
    sql`create function ${sql.table(`${schema}.${name}`)}() returns trigger language plpgsql as ${sql.raw('$$')}
      begin
        insert into ${changes} (account_id) ${sql.raw(accounts)} on conflict do nothing;
        if tg_nargs > 0 and exists (select from told) then perform pg_notify('chatelaine_change', ''); end if;
        return null;
      end ${sql.raw('$$')}`.execute(db)
  await noted('account_tells', 'select id from told')
  await noted('owned_tells', 'select distinct account_id from told')
  await noted(
    'policy_tells',
    "select distinct case when scope like 'account:%' then substr(scope, 9) else '' end from told",
  )
  await sql`create function ${sql.table(`${schema}.session_tells`)}() returns trigger language plpgsql as ${sql.raw('$$')}
    begin
      insert into ${changes} (account_id) values (new.account_id) on conflict do nothing;
      return null;
    end ${sql.raw('$$')}`.execute(db)
  await sql`create function ${sql.table(`${schema}.change_wakes`)}() returns trigger language plpgsql as ${sql.raw('$$')}
    begin
      perform pg_notify('chatelaine_change', '');
      return null;
    end ${sql.raw('$$')}`.execute(db)
}

// A notification costs every commit that sends one dearly: only for what ends somebody's access.
const watched = [
  ['account', 'update', 'account_tells()'],
  ['account', 'delete', "account_tells('wakes')"],
  ['session', 'delete', "owned_tells('wakes')"],
  ['factor', 'insert', 'owned_tells()'],
  ['factor', 'update', 'owned_tells()'],
  ['factor', 'delete', 'owned_tells()'],
  ['account_note', 'insert', 'owned_tells()'],
  ['api_key', 'delete', "owned_tells('wakes')"],
  ['policy', 'insert', "policy_tells('wakes')"],
  ['policy', 'update', "policy_tells('wakes')"],
  ['policy', 'delete', "policy_tells('wakes')"],
] as const

async function triggers(db: Kysely<unknown>, schema: string): Promise<void> {
  for (const [table, event, tells] of watched)
    await sql`create trigger ${sql.ref(`${table}_${event}_tells`)} after ${sql.raw(event)} on ${sql.table(table)}
      referencing ${sql.raw(event === 'delete' ? 'old' : 'new')} table as told
      for each statement execute function ${sql.ref(schema)}.${sql.raw(tells)}`.execute(db)
  // By the row, with a condition: what is written with each call of a session costs nothing.
  await sql`create trigger session_update_tells after update of handle, state, generation, expires on session
    for each row when (old.handle <> new.handle or old.state <> new.state or old.generation <> new.generation
      or old.expires <> new.expires)
    execute function ${sql.ref(schema)}.session_tells()`.execute(db)
  await sql`create trigger account_update_wakes after update of generation, suspended, black_listed on account
    for each row when (old.generation <> new.generation or old.suspended <> new.suspended
      or old.black_listed <> new.black_listed)
    execute function ${sql.ref(schema)}.change_wakes()`.execute(db)
}

/**
 * Whose answers of the hot path are no longer true, on PostgreSQL, as SQLite has had it from the first: noted in the
 * transaction of the change by triggers, so that the version before tells of what it writes, too.
 */
export async function changes(db: Kysely<unknown>, engine: Engine): Promise<void> {
  if (engine !== 'postgres' || !(await hasSnapshots(db))) return
  const { rows } = await sql<{ schema: string }>`select current_schema() as schema`.execute(db)
  const { schema } = rows[0]!
  // By the transaction, not by a number that counts up: numbers are taken in another order than commits happen.
  await db.schema
    .createTable('account_change')
    .addColumn('xid', sql`xid8`, (column) => column.notNull().defaultTo(sql`pg_current_xact_id()`))
    .addColumn('account_id', 'text', needed)
    .addPrimaryKeyConstraint('account_change_key', ['xid', 'account_id'])
    .execute()
  await functions(db, schema)
  await triggers(db, schema)
}
