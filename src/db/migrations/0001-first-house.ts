import { type Kysely, sql } from 'kysely'
import type { Engine } from '../open.ts'
import { needed, ofAccount, ofSession, truth, words } from './columns.ts'

async function accounts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('account')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('tenant', 'integer', (column) => column.notNull().defaultTo(1))
    .addColumn('email', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text', words)
    .addColumn('description', 'text', words)
    .addColumn('location', 'text', words)
    .addColumn('locale', 'text', words)
    .addColumn('role', 'text', needed)
    .addColumn('owner', 'text', words)
    .addColumn('avatar', 'text', words)
    .addColumn('password', 'text')
    .addColumn('must_change_password', 'integer', truth)
    .addColumn('suspended', 'integer', truth)
    .addColumn('black_listed', 'integer', truth)
    .addColumn('confirmed', 'integer', truth)
    .addColumn('confirmed_at', 'bigint', truth)
    .addColumn('awaiting_confirmation', 'integer', truth)
    .addColumn('created', 'bigint', needed)
    .addColumn('modified', 'bigint', needed)
    .addColumn('last_sign_in', 'bigint', truth)
    .addColumn('last_password_change', 'bigint', truth)
    .addColumn('two_step', 'integer', truth)
    .addColumn('preferred_factor', 'text')
    .addColumn('recovery_salt', 'text')
    .addColumn('unlock_salt', 'text', needed)
    .addColumn('generation', 'integer', truth)
    .execute()
  await db.schema.createIndex('account_created').on('account').columns(['created', 'id']).execute()
  await db.schema
    .createTable('address')
    .addColumn('address', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', ofAccount)
    .addColumn('created', 'bigint', needed)
    .execute()
  await db.schema.createIndex('address_account').on('address').column('account_id').execute()
  await db.schema
    .createTable('account_note')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', ofAccount)
    .addColumn('created', 'bigint', needed)
    .addColumn('created_by', 'text', needed)
    .addColumn('note', 'text', needed)
    .execute()
  await db.schema.createIndex('account_note_account').on('account_note').columns(['account_id', 'created']).execute()
  await db.schema
    .createTable('old_password')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', ofAccount)
    .addColumn('password', 'text', needed)
    .addColumn('created', 'bigint', needed)
    .execute()
  await db.schema.createIndex('old_password_account').on('old_password').columns(['account_id', 'created']).execute()
}

async function watch(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('known_network')
    .addColumn('account_id', 'text', ofAccount)
    .addColumn('network', 'text', needed)
    .addColumn('last_seen', 'bigint', needed)
    .addPrimaryKeyConstraint('known_network_key', ['account_id', 'network'])
    .execute()
  await db.schema
    .createTable('throttle')
    .addColumn('key', 'text', (column) => column.primaryKey())
    .addColumn('allowed', 'integer', needed)
    .addColumn('failures', 'integer', needed)
    .addColumn('pending', 'integer', needed)
    .addColumn('touched', 'bigint', needed)
    .addColumn('since', 'bigint', needed)
    .addColumn('until', 'bigint', needed)
    .execute()
  await db.schema.createIndex('throttle_since').on('throttle').column('since').execute()
  await db.schema
    .createTable('audit')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('at', 'bigint', needed)
    .addColumn('event', 'text', needed)
    .addColumn('account_id', 'text')
    .addColumn('actor_id', 'text')
    .addColumn('protocol', 'text', needed)
    .addColumn('network', 'text', needed)
    .addColumn('detail', 'text', needed)
    .execute()
  await db.schema.createIndex('audit_account').on('audit').columns(['account_id', 'at']).execute()
  await db.schema
    .createTable('message')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('channel', 'text', needed)
    .addColumn('recipient', 'text', needed)
    .addColumn('content', 'text')
    .addColumn('created', 'bigint', needed)
    .addColumn('due', 'bigint', needed)
    .addColumn('expires', 'bigint', needed)
    .addColumn('attempts', 'integer', truth)
    .addColumn('state', 'text', needed)
    .addColumn('outcome', 'text', words)
    .execute()
  await db.schema.createIndex('message_due').on('message').columns(['state', 'due']).execute()
}

async function factors(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('factor')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', ofAccount)
    .addColumn('kind', 'text', needed)
    .addColumn('target', 'text', needed)
    .addColumn('secret', 'text')
    .addColumn('last_step', 'bigint', truth)
    .addColumn('created', 'bigint', needed)
    .addColumn('last_used', 'bigint')
    .execute()
  await db.schema.createIndex('factor_account').on('factor').columns(['account_id', 'created']).execute()
  await db.schema.createIndex('factor_target').on('factor').columns(['kind', 'target']).execute()
  await db.schema
    .createTable('pending_factor')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('session_id', 'text', ofSession)
    .addColumn('kind', 'text', needed)
    .addColumn('target', 'text', needed)
    .addColumn('secret', 'text')
    .addColumn('strikes', 'integer', truth)
    .addColumn('created', 'bigint', needed)
    .addColumn('expires', 'bigint', needed)
    .execute()
  await db.schema.createIndex('pending_factor_session').on('pending_factor').column('session_id').execute()
  await db.schema.createIndex('pending_factor_expires').on('pending_factor').column('expires').execute()
  await db.schema
    .createTable('sent_code')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', ofAccount)
    .addColumn('method_id', 'text', needed)
    .addColumn('bound_to', 'text', needed)
    .addColumn('target', 'text', needed)
    .addColumn('digest', 'text', needed)
    .addColumn('created', 'bigint', needed)
    .addColumn('expires', 'bigint', needed)
    .addColumn('strikes', 'integer', truth)
    .addColumn('used', 'bigint')
    .execute()
  await db.schema.createIndex('sent_code_method').on('sent_code').columns(['method_id', 'bound_to']).execute()
  await db.schema.createIndex('sent_code_account').on('sent_code').columns(['account_id', 'created']).execute()
  await db.schema.createIndex('sent_code_target').on('sent_code').columns(['target', 'created']).execute()
  await db.schema.createIndex('sent_code_created').on('sent_code').column('created').execute()
  await db.schema
    .createTable('recovery_code')
    .addColumn('account_id', 'text', ofAccount)
    .addColumn('digest', 'text', needed)
    .addColumn('created', 'bigint', needed)
    .addColumn('used', 'bigint')
    .addPrimaryKeyConstraint('recovery_code_key', ['account_id', 'digest'])
    .execute()
}

async function sessions(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('session')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', ofAccount)
    .addColumn('protocol', 'text', needed)
    .addColumn('state', 'text', needed)
    .addColumn('generation', 'integer', needed)
    .addColumn('handle', 'text', (column) => column.notNull().unique())
    .addColumn('proof', 'text')
    .addColumn('refresh', 'text', (column) => column.unique())
    .addColumn('previous_refresh', 'text')
    .addColumn('refreshed', 'bigint', truth)
    .addColumn('refresh_expires', 'bigint', truth)
    .addColumn('strikes', 'integer', truth)
    .addColumn('created', 'bigint', needed)
    .addColumn('last_seen', 'bigint', needed)
    .addColumn('expires', 'bigint', needed)
    .addColumn('network', 'text', words)
    .addColumn('agent', 'text', words)
    .execute()
  await db.schema.createIndex('session_account').on('session').column('account_id').execute()
  await sql`create index session_previous_refresh on session (previous_refresh) where previous_refresh is not null`.execute(
    db,
  )
  await db.schema.createIndex('session_expires').on('session').columns(['expires', 'refresh_expires']).execute()
  await db.schema
    .createTable('challenge')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', ofAccount)
    .addColumn('generation', 'integer', needed)
    .addColumn('factor_id', 'text', needed)
    .addColumn('new_password', 'text')
    .addColumn('strikes', 'integer', truth)
    .addColumn('created', 'bigint', needed)
    .addColumn('expires', 'bigint', needed)
    .addColumn('used', 'bigint')
    .execute()
  await db.schema.createIndex('challenge_expires').on('challenge').column('expires').execute()
  await db.schema.createIndex('challenge_account').on('challenge').column('account_id').execute()
  await db.schema
    .createTable('elevation')
    .addColumn('handle', 'text', (column) => column.primaryKey())
    .addColumn('session_id', 'text', ofSession)
    .addColumn('created', 'bigint', needed)
    .addColumn('expires', 'bigint', needed)
    .execute()
  await db.schema.createIndex('elevation_session').on('elevation').column('session_id').execute()
  await db.schema.createIndex('elevation_expires').on('elevation').column('expires').execute()
}

async function keys(db: Kysely<unknown>, engine: Engine): Promise<void> {
  const bytes = engine === 'postgres' ? sql`bytea` : sql`blob`
  await db.schema
    .createTable('key_ring')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', ofAccount)
    .addColumn('fingerprint', 'text', needed)
    .addColumn('key_id', 'text', needed)
    .addColumn('certificate', bytes, needed)
    .addColumn('secret', bytes)
    .addColumn('secret_behind', 'integer', truth)
    .addColumn('revocation', 'text')
    .addColumn('is_current', 'integer', truth)
    .addColumn('inline', 'integer', truth)
    .addColumn('created', 'bigint', needed)
    .addColumn('modified', 'bigint', needed)
    .addUniqueConstraint('key_ring_fingerprint', ['account_id', 'fingerprint'])
    .execute()
  await sql`create unique index key_ring_current on key_ring (account_id) where is_current = 1`.execute(db)
  await db.schema
    .createTable('key_part')
    .addColumn('key_id', 'text', needed)
    .addColumn('ring_id', 'text', (column) => column.notNull().references('key_ring.id').onDelete('cascade'))
    .addColumn('has_secret', 'integer', truth)
    .addPrimaryKeyConstraint('key_part_key', ['key_id', 'ring_id'])
    .execute()
  await db.schema.createIndex('key_part_ring').on('key_part').column('ring_id').execute()
  await db.schema
    .createTable('key_session')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', ofAccount)
    .addColumn('session_id', 'text', ofSession)
    .addColumn('key', 'text', needed)
    .addColumn('created', 'bigint', needed)
    .addColumn('expires', 'bigint', needed)
    .execute()
  await db.schema.createIndex('key_session_account').on('key_session').column('account_id').execute()
  await db.schema.createIndex('key_session_session').on('key_session').column('session_id').execute()
  await db.schema.createIndex('key_session_expires').on('key_session').column('expires').execute()
  await db.schema
    .createTable('stored_auth')
    .addColumn('session_id', 'text', (column) => column.primaryKey().references('session.id').onDelete('cascade'))
    .addColumn('token', 'text', needed)
    .addColumn('minutes', 'integer', needed)
    .addColumn('created', 'bigint', needed)
    .addColumn('expires', 'bigint', needed)
    .execute()
  await db.schema
    .createTable('server_secret')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('created', 'bigint', needed)
    .addColumn('value', 'text', needed)
    .execute()
}

const watched = [
  ['account', 'update', 'new.id'],
  ['account', 'delete', 'old.id'],
  ['session', 'update of handle, state, generation, expires', 'new.account_id'],
  ['session', 'delete', 'old.account_id'],
  ['factor', 'insert', 'new.account_id'],
  ['factor', 'update', 'new.account_id'],
  ['factor', 'delete', 'old.account_id'],
  ['account_note', 'insert', 'new.account_id'],
] as const

async function changes(db: Kysely<unknown>): Promise<void> {
  await sql`create table account_change (seq integer primary key autoincrement, account_id text not null)`.execute(db)
  for (const [table, event, id] of watched) {
    const name = `${table}_${event.split(' ')[0]}_tells`
    await sql`create trigger ${sql.ref(name)} after ${sql.raw(event)} on ${sql.table(table)}
      begin insert into account_change (account_id) values (${sql.raw(id)}); end`.execute(db)
  }
}

/** The first schema: accounts, their watch, factors, sessions, keys. */
export async function firstHouse(db: Kysely<unknown>, engine: Engine): Promise<void> {
  await accounts(db)
  await watch(db)
  await sessions(db)
  await factors(db)
  await keys(db, engine)
  if (engine === 'sqlite') await changes(db)
}
