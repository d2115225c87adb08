import { type Kysely, sql } from 'kysely'
import { wkdName } from '#src/lib/wkd.ts'
import type { Engine } from '../open.ts'
import { accountKey, key, needed, ofAccount, truth, words } from './columns.ts'

const BATCH = 1000

/** Every address learns its name in the Web Key Directory, which SQL cannot work out. */
async function nameAddresses(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('address').addColumn('wkd', 'text', words).execute()
  // Before the loop: it finds those that are still without a name by it.
  await db.schema.createIndex('address_wkd').on('address').column('wkd').execute()
  for (;;) {
    const { rows } = await sql<{ address: string }>`select address from address where wkd = '' limit ${BATCH}`.execute(
      db,
    )
    for (const { address } of rows)
      await sql`update address set wkd = ${wkdName(address)} where address = ${address}`.execute(db)
    if (rows.length < BATCH) break
  }
}

async function ownKeys(db: Kysely<unknown>, engine: Engine): Promise<void> {
  const bytes = engine === 'postgres' ? sql`bytea` : sql`blob`
  await db.schema.alterTable('key_ring').addColumn('escrow', bytes).execute()
  await db.schema
    .alterTable('key_ring')
    .addColumn('published', 'integer', (column) => column.notNull().defaultTo(1))
    .execute()
  // Rings that were made before are judged by the job that tells of keys that are about to expire.
  await db.schema
    .alterTable('key_ring')
    .addColumn('expires', 'bigint', (column) => column.notNull().defaultTo(-1))
    .execute()
  await db.schema.alterTable('key_ring').addColumn('reminded', 'bigint', truth).execute()
  await db.schema.alterTable('key_ring').addColumn('secondary', 'text', words).execute()
  await db.schema.alterTable('key_ring').addColumn('no_recovery', 'integer', truth).execute()
  await db.schema.createIndex('key_ring_expires').on('key_ring').column('expires').execute()
  await db.schema
    .createTable('key_profile')
    .addColumn('account_id', 'text', accountKey)
    .addColumn('no_recovery', 'integer', truth)
    .addColumn('encrypts', 'integer', truth)
    .addColumn('signs', 'integer', truth)
    .addColumn('inline', 'integer', truth)
    .addColumn('last_reset', 'bigint', truth)
    .execute()
  await db.schema
    .createTable('lasting_revocation')
    .addColumn('fingerprint', 'text', needed)
    .addColumn('address', 'text', needed)
    .addColumn('wkd', 'text', needed)
    .addColumn('key_id', 'text', needed)
    .addColumn('certificate', bytes, needed)
    .addColumn('created', 'bigint', needed)
    .addPrimaryKeyConstraint('lasting_revocation_key', ['fingerprint', 'address'])
    .execute()
  await db.schema.createIndex('lasting_revocation_id').on('lasting_revocation').column('key_id').execute()
  await db.schema.createIndex('lasting_revocation_address').on('lasting_revocation').column('address').execute()
  await db.schema.createIndex('lasting_revocation_wkd').on('lasting_revocation').column('wkd').execute()
  await db.schema.alterTable('action_link').addColumn('target', 'text', words).execute()
  await db.schema
    .createTable('key_submission')
    .addColumn('digest', 'text', key)
    .addColumn('account_id', 'text', ofAccount)
    .addColumn('address', 'text', needed)
    .addColumn('fingerprint', 'text', needed)
    .addColumn('certificate', bytes, needed)
    .addColumn('created', 'bigint', needed)
    .addColumn('expires', 'bigint', needed)
    .execute()
  await db.schema.createIndex('key_submission_account').on('key_submission').column('account_id').execute()
  await db.schema.createIndex('key_submission_expires').on('key_submission').column('expires').execute()
}

async function keysOfOthers(db: Kysely<unknown>, engine: Engine): Promise<void> {
  const bytes = engine === 'postgres' ? sql`bytea` : sql`blob`
  await db.schema
    .createTable('external_key')
    .addColumn('id', 'text', key)
    .addColumn('account_id', 'text', ofAccount)
    .addColumn('fingerprint', 'text', needed)
    .addColumn('certificate', bytes, needed)
    .addColumn('shared', 'integer', truth)
    .addColumn('inline', 'integer', truth)
    .addColumn('created', 'bigint', needed)
    .addColumn('modified', 'bigint', needed)
    .addUniqueConstraint('external_key_fingerprint', ['account_id', 'fingerprint'])
    .execute()
  await db.schema.createIndex('external_key_print').on('external_key').column('fingerprint').execute()
  await sql`create index external_key_shared on external_key (modified) where shared = 1`.execute(db)
  await db.schema
    .createTable('external_address')
    .addColumn('external_key_id', 'text', (column) =>
      column.notNull().references('external_key.id').onDelete('cascade'),
    )
    .addColumn('address', 'text', needed)
    .addPrimaryKeyConstraint('external_address_key', ['external_key_id', 'address'])
    .execute()
  await db.schema.createIndex('external_address_address').on('external_address').column('address').execute()
  await db.schema
    .createTable('autocrypt_peer')
    .addColumn('account_id', 'text', ofAccount)
    .addColumn('address', 'text', needed)
    .addColumn('last_seen', 'bigint', truth)
    .addColumn('key_seen', 'bigint', truth)
    .addColumn('prefers_encryption', 'integer', truth)
    .addColumn('fingerprint', 'text', words)
    .addColumn('certificate', bytes)
    .addColumn('verified', 'integer', truth)
    .addColumn('gossip_seen', 'bigint', truth)
    .addColumn('gossip_fingerprint', 'text', words)
    .addColumn('gossip', bytes)
    .addPrimaryKeyConstraint('autocrypt_peer_key', ['account_id', 'address'])
    .execute()
  await db.schema
    .createTable('contact')
    .addColumn('id', 'text', key)
    .addColumn('account_id', 'text', ofAccount)
    .addColumn('folder', 'text', needed)
    .addColumn('uid', 'text', needed)
    .addColumn('data', 'text', needed)
    .addColumn('certificate', bytes)
    .addColumn('created', 'bigint', needed)
    .addColumn('modified', 'bigint', needed)
    .addUniqueConstraint('contact_uid', ['account_id', 'folder', 'uid'])
    .execute()
  await db.schema
    .createTable('contact_address')
    .addColumn('contact_id', 'text', (column) => column.notNull().references('contact.id').onDelete('cascade'))
    .addColumn('account_id', 'text', ofAccount)
    .addColumn('address', 'text', needed)
    .addPrimaryKeyConstraint('contact_address_key', ['contact_id', 'address'])
    .execute()
  await db.schema.createIndex('contact_address_own').on('contact_address').columns(['account_id', 'address']).execute()
  await db.schema
    .createTable('found_key')
    .addColumn('source', 'text', needed)
    .addColumn('address', 'text', needed)
    .addColumn('fingerprint', 'text', words)
    .addColumn('certificate', bytes)
    .addColumn('fetched', 'bigint', needed)
    .addColumn('used', 'bigint', needed)
    .addColumn('expires', 'bigint', needed)
    .addColumn('claimed', 'bigint', needed)
    .addPrimaryKeyConstraint('found_key_key', ['source', 'address'])
    .execute()
  await db.schema.createIndex('found_key_address').on('found_key').column('address').execute()
  await db.schema.createIndex('found_key_expires').on('found_key').column('expires').execute()
}

/** Escrow, expiry and publishing of own keys; keys of others, contacts, and what was found in the world. */
export async function openpgpKeys(db: Kysely<unknown>, engine: Engine): Promise<void> {
  await nameAddresses(db)
  await ownKeys(db, engine)
  await keysOfOthers(db, engine)
}
