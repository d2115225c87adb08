import { type Kysely, sql } from 'kysely'
import type { Engine } from '../open.ts'
import { addIndex } from './large.ts'

// Added, and never changed: a row that everybody who makes an account had to change would make them wait for each other.
const countOne = (engine: Engine, name: string, event: string, rows: string) => {
  const insert = `insert into population_count (population, people) ${rows};`
  if (engine === 'sqlite') return sql.raw(`create trigger ${name} after ${event} on account begin ${insert} end`)
  return sql.raw(`create function ${name}() returns trigger language plpgsql as
    $$ begin ${insert} return null; end $$`)
}

const counted = [
  ['account_added', 'insert', 'values (new.population, 1)'],
  ['account_removed', 'delete', 'values (old.population, -1)'],
  // A guest who becomes a subscriber.
  [
    'account_moved',
    'update of population',
    'select old.population, -1 where old.population <> new.population union all select new.population, 1 where old.population <> new.population',
  ],
] as const

/** How many people a population has, known without counting them: the sum of what came and went. */
export async function flatCost(db: Kysely<unknown>, engine: Engine): Promise<void> {
  await sql`create table population_count (population text not null, people integer not null)`.execute(db)
  await sql`create index population_count_of on population_count (population, people)`.execute(db)
  for (const [name, event, rows] of counted) {
    await countOne(engine, name, event, rows).execute(db)
    if (engine === 'postgres')
      await sql
        .raw(`create trigger ${name} after ${event} on account for each row execute function ${name}()`)
        .execute(db)
  }
  // The triggers have the table by now: nobody comes or goes until all are counted.
  await sql`insert into population_count (population, people) select population, count(*) from account group by population`.execute(
    db,
  )
}

/** What sweeps and lists look for, where there may be many rows that they do not. */
export async function flatCostIndexes(db: Kysely<unknown>, engine: Engine): Promise<void> {
  const [later, bytes] = engine === 'postgres' ? ['greatest', ' collate "C"'] : ['max', '']
  // A token that is over may be renewed for months: neither of the two times alone tells that a session is over.
  await addIndex(db, engine, 'session_over', `session ((${later}(expires, refresh_expires)))`)
  await addIndex(db, engine, 'account_owner', 'account (population, owner, created, id)')
  await addIndex(db, engine, 'stored_auth_expires', 'stored_auth (expires)')
  await addIndex(db, engine, 'message_secret', 'message (state, expires) where content is not null')
  await addIndex(db, engine, 'key_ring_escrow', 'key_ring (id) where escrow is not null')
  await addIndex(db, engine, 'guest_new', `guest (address${bytes}) where initial is not null`)
  await addIndex(db, engine, 'guest_reading', `guest (address${bytes}) where initial is null`)
}
