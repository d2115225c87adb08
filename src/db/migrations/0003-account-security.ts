import { type Kysely, sql } from 'kysely'
import type { Engine } from '../open.ts'
import { accountKey, key, needed, ofAccount, truth, words } from './columns.ts'

/** Policies, and what accounts, factors, sessions and throttles have learnt besides. */
async function rules(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('policy')
    .addColumn('scope', 'text', key)
    .addColumn('data', 'text', needed)
    .addColumn('modified', 'bigint', needed)
    .execute()
  await db.schema.alterTable('account').addColumn('grace_began', 'bigint', truth).execute()
  await db.schema.alterTable('factor').addColumn('name', 'text', words).execute()
  await db.schema.alterTable('factor').addColumn('recovered', 'bigint', truth).execute()
  await db.schema.alterTable('pending_factor').addColumn('name', 'text', words).execute()
  await db.schema.alterTable('session').addColumn('stepped', 'bigint', truth).execute()
  await db.schema.alterTable('throttle').addColumn('subject', 'text', words).execute()
  await db.schema.createIndex('throttle_subject').on('throttle').column('subject').execute()
  await db.schema
    .createTable('captcha')
    .addColumn('id', 'text', key)
    .addColumn('subject', 'text', needed)
    .addColumn('sealed', 'text', needed)
    .addColumn('expires', 'bigint', needed)
    .execute()
  await db.schema.createIndex('captcha_expires').on('captcha').column('expires').execute()
}

async function passkeys(db: Kysely<unknown>, engine: Engine): Promise<void> {
  await db.schema
    .createTable('passkey')
    .addColumn('id', 'text', key)
    .addColumn('account_id', 'text', ofAccount)
    .addColumn('credential', 'text', (column) => column.notNull().unique())
    .addColumn('public_key', engine === 'postgres' ? sql`bytea` : sql`blob`, needed)
    .addColumn('counter', 'bigint', truth)
    .addColumn('transports', 'text', words)
    .addColumn('synced', 'integer', truth)
    .addColumn('name', 'text', words)
    .addColumn('created', 'bigint', needed)
    .addColumn('last_used', 'bigint')
    .execute()
  await db.schema.createIndex('passkey_account').on('passkey').columns(['account_id', 'created']).execute()
  await db.schema
    .createTable('passkey_challenge')
    .addColumn('challenge', 'text', key)
    .addColumn('purpose', 'text', needed)
    .addColumn('session_id', 'text', (column) => column.references('session.id').onDelete('cascade'))
    .addColumn('expires', 'bigint', needed)
    .execute()
  await db.schema.createIndex('passkey_challenge_session').on('passkey_challenge').column('session_id').execute()
  await db.schema.createIndex('passkey_challenge_expires').on('passkey_challenge').column('expires').execute()
}

async function programsAndDevices(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('app_password')
    .addColumn('id', 'text', key)
    .addColumn('account_id', 'text', ofAccount)
    .addColumn('name', 'text', needed)
    .addColumn('digest', 'text', (column) => column.notNull().unique())
    .addColumn('scopes', 'text', needed)
    .addColumn('created', 'bigint', needed)
    .addColumn('last_used', 'bigint')
    .addColumn('last_protocol', 'text', words)
    .addColumn('last_network', 'text', words)
    .execute()
  await db.schema.createIndex('app_password_account').on('app_password').columns(['account_id', 'created']).execute()
  await db.schema
    .createTable('trusted_device')
    .addColumn('id', 'text', key)
    .addColumn('account_id', 'text', ofAccount)
    .addColumn('digest', 'text', (column) => column.notNull().unique())
    .addColumn('generation', 'integer', needed)
    .addColumn('name', 'text', words)
    .addColumn('network', 'text', needed)
    .addColumn('created', 'bigint', needed)
    .addColumn('last_used', 'bigint', needed)
    .addColumn('expires', 'bigint', needed)
    .execute()
  await db.schema
    .createIndex('trusted_device_account')
    .on('trusted_device')
    .columns(['account_id', 'created'])
    .execute()
  await db.schema.createIndex('trusted_device_expires').on('trusted_device').column('expires').execute()
}

async function recovery(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .alterTable('link_request')
    .addColumn('kind', 'text', (column) => column.notNull().defaultTo('link'))
    .execute()
  await db.schema.alterTable('link_request').addColumn('target', 'text', words).execute()
  await db.schema
    .createTable('recovery_token')
    .addColumn('account_id', 'text', accountKey)
    .addColumn('factor_id', 'text', (column) => column.notNull().references('factor.id').onDelete('cascade'))
    .addColumn('digest', 'text', needed)
    .addColumn('generation', 'integer', needed)
    .addColumn('strikes', 'integer', truth)
    .addColumn('created', 'bigint', needed)
    .addColumn('expires', 'bigint', needed)
    .execute()
  await db.schema.createIndex('recovery_token_factor').on('recovery_token').column('factor_id').execute()
  await db.schema.createIndex('recovery_token_expires').on('recovery_token').column('expires').execute()
  await db.schema
    .createTable('factor_recovery')
    .addColumn('account_id', 'text', accountKey)
    .addColumn('generation', 'integer', needed)
    .addColumn('created', 'bigint', needed)
    .addColumn('due', 'bigint', needed)
    .addColumn('network', 'text', needed)
    .execute()
  await db.schema.createIndex('factor_recovery_due').on('factor_recovery').column('due').execute()
}

/** What a policy decides is in the kept answers of the hot path too: an account's own, or everybody's (no account). */
async function policyTells(db: Kysely<unknown>): Promise<void> {
  for (const [event, row] of [
    ['insert', 'new'],
    ['update', 'new'],
    ['delete', 'old'],
  ] as const) {
    const scope = sql.ref(`${row}.scope`)
    await sql`create trigger ${sql.ref(`policy_${event}_tells`)} after ${sql.raw(event)} on policy
      begin insert into account_change (account_id)
        values (case when ${scope} like 'account:%' then substr(${scope}, 9) else '' end); end`.execute(db)
  }
}

/** Policies, passkeys, app passwords, trusted devices, captchas, recovery by security methods. */
export async function accountSecurity(db: Kysely<unknown>, engine: Engine): Promise<void> {
  await rules(db)
  await passkeys(db, engine)
  await programsAndDevices(db)
  await recovery(db)
  if (engine === 'sqlite') await policyTells(db)
}
