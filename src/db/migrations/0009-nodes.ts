import type { Kysely } from 'kysely'
import { key, needed, words } from './columns.ts'

/** Who works on this database, and how each fares: processes come and go, and whoever is asked tells of all of them. */
export async function nodes(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('process_seen')
    .addColumn('id', 'text', key)
    .addColumn('host', 'text', words)
    .addColumn('pid', 'integer', needed)
    .addColumn('worker', 'integer', needed)
    .addColumn('version', 'text', needed)
    .addColumn('node', 'text', needed)
    .addColumn('started', 'bigint', needed)
    .addColumn('seen', 'bigint', needed)
    .execute()
  await db.schema
    .createTable('process_sample')
    .addColumn('process_id', 'text', (column) => column.notNull().references('process_seen.id').onDelete('cascade'))
    .addColumn('seq', 'integer', needed)
    .addColumn('sample', 'text', needed)
    .addPrimaryKeyConstraint('process_sample_key', ['process_id', 'seq'])
    .execute()
}
