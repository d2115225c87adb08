import { createHash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { sha256 } from '../src/lib/digests.ts'
import type { MadeKeys } from './million-keys.ts'
import type { Rows } from './million-rows.ts'

const SLICE = 50_000

const md5 = (text: string): string => createHash('md5').update(text).digest('hex')
const asUuid = (hex: string): string =>
  `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`

/** Where rows are written: the few words in which the databases differ. */
interface Store {
  run(sql: string): Promise<void>
  /** the indexes that are no constraints, as they are made; written anew after the rows, which is far quicker */
  indexes(): Promise<{ name: string; sql: string }[]>
  /** SQL for the numbers from one up to another, as `i` */
  series(from: number, to: number): string
  end(): Promise<void>
}

function sqliteStore(path: string): Store {
  const file = new DatabaseSync(path)
  file.exec('pragma journal_mode = off; pragma synchronous = off; pragma foreign_keys = off')
  file.exec('pragma cache_size = -1500000; pragma temp_store = file')
  const pure = { deterministic: true }
  file.function('lower', pure, (text) => (typeof text === 'string' ? text.toLowerCase() : text))
  file.function('digest', pure, (text) => sha256(String(text)))
  file.function('uid', pure, (kind, n) => asUuid(md5(`${kind}${n}`)))
  file.function('bytes', pure, (hex) => Buffer.from(String(hex), 'hex'))
  return {
    run: async (sql) => file.exec(sql),
    indexes: async () =>
      file.prepare(`select name, sql from sqlite_master where type = 'index' and sql is not null`).all() as {
        name: string
        sql: string
      }[],
    series: (from, to) =>
      `(with recursive n(i) as (select ${from} union all select i + 1 from n where i < ${to - 1}) select i from n) as n`,
    async end() {
      // What the rows told the hot path, which has not been there to hear it.
      file.exec('delete from account_change')
      file.close()
    },
  }
}

async function postgresStore(url: string): Promise<Store> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const run = async (sql: string) => {
    await client.query(sql)
  }
  await run(`create schema if not exists million; set search_path = public, million;
    set session_replication_role = replica; set synchronous_commit = off; set maintenance_work_mem = '512MB';
    create or replace function million.digest(text) returns text language sql immutable
      return encode(sha256(convert_to($1, 'UTF8')), 'hex');
    create or replace function million.uid(text, bigint) returns text language sql immutable
      return md5($1 || $2)::uuid::text;
    create or replace function million.bytes(text) returns bytea language sql immutable return decode($1, 'hex')`)
  return {
    run,
    async indexes() {
      const { rows } = await client.query<{ name: string; sql: string }>(
        `select indexname as name, indexdef as sql from pg_indexes where schemaname = 'public' and not exists
           (select from pg_constraint where conname = indexname)`,
      )
      return rows
    },
    series: (from, to) => `generate_series(${from}::bigint, ${to - 1}::bigint) as n(i)`,
    async end() {
      await run('drop schema million cascade')
      // As autovacuum would have done it by the time that a house is so large.
      await run('vacuum (analyze)')
      await run('checkpoint')
      await client.end()
    },
  }
}

const isUrl = (place: string): boolean => place.startsWith('postgres')

export const openStore = (place: string): Promise<Store> =>
  isUrl(place) ? postgresStore(place) : Promise.resolve(sqliteStore(place))

const insert = ({ series }: Store, { table, columns }: Rows, from: number, to: number): string =>
  `insert into ${table} (${Object.keys(columns).join(', ')}) select ${Object.values(columns).join(', ')} from ${series(from, to)}`

/** Writes rows, slice by slice. */
export async function writeRows(store: Store, rows: Rows, said: (done: number) => void = () => {}): Promise<void> {
  for (let from = 0; from < rows.count; from += SLICE) {
    const to = Math.min(rows.count, from + SLICE)
    await store.run(insert(store, rows, from, to))
    said(to)
  }
}

const show = (line: string) => process.stdout.isTTY && process.stdout.write(`\r  ${line}\u001b[K`)

/** Fills a house that has its schema: a path of SQLite, or the URL of PostgreSQL. */
export async function fill(place: string, all: readonly Rows[], { real }: MadeKeys): Promise<void> {
  const started = performance.now()
  const store = await openStore(place)
  const indexes = await store.indexes()
  for (const { name } of indexes) await store.run(`drop index ${name}`)
  for (const rows of all) {
    await store.run('begin')
    await writeRows(store, rows, (done) =>
      show(`${rows.table}: ${done.toLocaleString('en')} of ${rows.count.toLocaleString('en')}`),
    )
    await store.run('commit')
  }
  for (const [n, { sql, name }] of indexes.entries()) {
    show(`index ${n + 1} of ${indexes.length}: ${name}`)
    await store.run(sql)
  }
  await store.run('begin')
  for (const { account, certificate, fingerprint, keyId } of real) {
    const ring = asUuid(md5(`ring${account}`))
    await store.run(
      `update key_ring set certificate = bytes('${certificate}'), fingerprint = '${fingerprint}', key_id = '${keyId}' where id = '${ring}'`,
    )
    await store.run(
      `update key_part set key_id = '${keyId}' where ring_id = '${ring}' and key_id = (select min(key_id) from key_part where ring_id = '${ring}')`,
    )
  }
  // PostgreSQL was told to leave triggers alone.
  await store.run('delete from population_count')
  await store.run(
    'insert into population_count (population, people) select population, count(*) from account group by population',
  )
  await store.run('commit')
  await store.end()
  show('')
  const rows = all.reduce((sum, { count }) => sum + count, 0)
  console.log(
    `  ${rows.toLocaleString('en')} rows written in ${Math.round((performance.now() - started) / 1000)} seconds`,
  )
}
