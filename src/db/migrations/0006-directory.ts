import { type Kysely, type RawBuilder, sql } from 'kysely'
import type { Engine } from '../open.ts'

/** What lists of people are searched and ordered by: bytes, in both databases alike, whatever language they speak. */
const inBytes = (engine: Engine, text: RawBuilder<unknown>): RawBuilder<unknown> =>
  engine === 'postgres' ? sql`${text} collate "C"` : text

/** Lists of 100,000 people and guests that are searched, filtered and paged through without reading them all. */
export async function directory(db: Kysely<unknown>, engine: Engine): Promise<void> {
  const email = inBytes(engine, sql`email`)
  const name = inBytes(engine, sql`(lower(name))`)
  const domain = engine === 'postgres' ? sql`(split_part(email, '@', 2))` : sql`(substr(email, instr(email, '@') + 1))`
  await sql`create index account_email on account (population, ${email})`.execute(db)
  await sql`create index account_name on account (population, ${name}, ${email})`.execute(db)
  await sql`create index account_role on account (population, role, ${email})`.execute(db)
  await sql`create index account_two_step on account (population, two_step, ${email})`.execute(db)
  await sql`create index account_domain on account (population, ${domain}, ${email})`.execute(db)
  for (const state of ['suspended', 'black_listed', 'awaiting_confirmation'])
    await sql`create index ${sql.ref(`account_${state}`)} on account (population, ${email}) where ${sql.ref(state)} = 1`.execute(
      db,
    )
  const address = inBytes(engine, sql`address`)
  await sql`create index guest_address on guest (${address})`.execute(db)
  await sql`create index guest_refused on guest (${address}) where refused > 0`.execute(db)
}
