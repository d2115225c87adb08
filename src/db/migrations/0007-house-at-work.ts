import type { Kysely } from 'kysely'
import { truth, words } from './columns.ts'

/** What those who run the house look at and search: the outbox by age and state, the record by what is asked of it. */
export async function houseAtWork(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('message').addColumn('template', 'text', words).execute()
  await db.schema.alterTable('message').addColumn('held', 'bigint', truth).execute()
  for (const table of ['message', 'delivery']) {
    await db.schema.createIndex(`${table}_created`).on(table).columns(['created', 'id']).execute()
    await db.schema.createIndex(`${table}_state`).on(table).columns(['state', 'created', 'id']).execute()
  }
  // How a channel fared lately, also where it has carried nothing.
  await db.schema.createIndex('message_channel').on('message').columns(['channel', 'state', 'due']).execute()
  await db.schema.createIndex('audit_place').on('audit').columns(['at', 'id']).execute()
  // The new one begins with the same column.
  await db.schema.dropIndex('audit_at').execute()
  for (const column of ['event', 'network', 'protocol'])
    await db.schema.createIndex(`audit_${column}`).on('audit').columns([column, 'at', 'id']).execute()
  await db.schema
    .createIndex('audit_actor')
    .on('audit')
    .columns(['actor_id', 'at', 'id'])
    .where('actor_id' as never, 'is not', null)
    .execute()
}
