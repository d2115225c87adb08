import { type Kysely, sql } from 'kysely'
import type { Engine } from '../open.ts'
import { accountKey, key, needed, ofAccount, truth, words } from './columns.ts'

async function people(db: Kysely<unknown>, engine: Engine): Promise<void> {
  await db.schema
    .alterTable('account')
    .addColumn('population', 'text', (column) => column.notNull().defaultTo('user'))
    .execute()
  await db.schema.alterTable('account').addColumn('signing_up', 'text', words).execute()
  await db.schema.createIndex('account_population').on('account').columns(['population', 'created', 'id']).execute()
  await db.schema.dropIndex('account_created').execute()
  await db.schema
    .createTable('avatar')
    .addColumn('account_id', 'text', accountKey)
    .addColumn('type', 'text', needed)
    .addColumn('bytes', engine === 'postgres' ? sql`bytea` : sql`blob`, needed)
    .addColumn('created', 'bigint', needed)
    .execute()
  await db.schema
    .createTable('preference')
    .addColumn('account_id', 'text', accountKey)
    .addColumn('data', 'text', needed)
    .addColumn('modified', 'bigint', needed)
    .execute()
  await db.schema
    .createTable('api_key')
    .addColumn('id', 'text', key)
    .addColumn('account_id', 'text', ofAccount)
    .addColumn('name', 'text', needed)
    .addColumn('description', 'text', words)
    .addColumn('digest', 'text', (column) => column.notNull().unique())
    .addColumn('sealed', 'text', needed)
    .addColumn('rights', 'text', needed)
    .addColumn('created', 'bigint', needed)
    .addColumn('expires', 'bigint', needed)
    .addColumn('last_use', 'bigint', truth)
    .addUniqueConstraint('api_key_name', ['account_id', 'name'])
    .execute()
}

async function links(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('link_request')
    .addColumn('id', 'text', key)
    .addColumn('name', 'text', needed)
    .addColumn('population', 'text', needed)
    .addColumn('protocol', 'text', needed)
    .addColumn('network', 'text', needed)
    .addColumn('created', 'bigint', needed)
    .execute()
  await db.schema.createIndex('link_request_created').on('link_request').column('created').execute()
  await db.schema
    .createTable('action_link')
    .addColumn('digest', 'text', key)
    .addColumn('account_id', 'text', ofAccount)
    .addColumn('purpose', 'text', needed)
    .addColumn('generation', 'integer', needed)
    .addColumn('created', 'bigint', needed)
    .addColumn('expires', 'bigint', needed)
    .addColumn('used', 'bigint')
    .execute()
  await db.schema.createIndex('action_link_account').on('action_link').columns(['account_id', 'created']).execute()
  await db.schema.createIndex('action_link_expires').on('action_link').column('expires').execute()
}

async function services(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('service')
    .addColumn('private_uri', 'text', key)
    .addColumn('type', 'text', needed)
    .addColumn('public_uri', 'text', needed)
    .addColumn('version', 'text', words)
    .addColumn('sealed_key', 'text')
    .addColumn('source', 'text', needed)
    .addColumn('expires', 'bigint', needed)
    .execute()
  await db.schema.createIndex('service_expires').on('service').column('expires').execute()
  await db.schema
    .createTable('system_secret')
    .addColumn('name', 'text', key)
    .addColumn('value', 'text', needed)
    .addColumn('modified', 'bigint', needed)
    .execute()
  await db.schema
    .createTable('announced_token')
    .addColumn('digest', 'text', key)
    .addColumn('account_id', 'text', needed)
    .addColumn('sealed', 'text', needed)
    .addColumn('expires', 'bigint', needed)
    .execute()
  await db.schema.createIndex('announced_token_expires').on('announced_token').column('expires').execute()
}

/** What the hourly bounds count, apart from the accounts that come and go; and what sweeps look for. */
async function bounds(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('occurrence')
    .addColumn('id', 'text', key)
    .addColumn('key', 'text', needed)
    .addColumn('at', 'bigint', needed)
    .execute()
  await db.schema.createIndex('occurrence_key').on('occurrence').columns(['key', 'at']).execute()
  await db.schema.createIndex('occurrence_at').on('occurrence').column('at').execute()
  await db.schema.createIndex('audit_at').on('audit').column('at').execute()
  await db.schema.createIndex('known_network_seen').on('known_network').column('last_seen').execute()
}

/** Subscribers, avatars, preferences, API keys, links in mails, sibling services, system secrets. */
export async function openwifiInFull(db: Kysely<unknown>, engine: Engine): Promise<void> {
  await people(db, engine)
  await links(db)
  await services(db)
  await bounds(db)
  await db.schema
    .alterTable('pending_factor')
    .addColumn('proven_step', 'bigint', (column) => column.notNull().defaultTo(0))
    .execute()
  if (engine === 'sqlite')
    await sql`create trigger api_key_delete_tells after delete on api_key
      begin insert into account_change (account_id) values (old.account_id); end`.execute(db)
}
