import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import type { Engine } from '#src/db/open.ts'
import { freshPostgres } from '#src/testing.ts'

type Value = string | number | boolean | Uint8Array | null
export type Row = Record<string, Value>

/** A database as the OpenWiFi security service makes it, filled by a test. */
export interface ForeignHouse {
  /** what `chatelaine import openwifi` takes */
  source: string
  insert(table: string, row: Row): Promise<void>
  run(sql: string): Promise<void>
  drop(): Promise<void>
}

const text = (...columns: string[]) => columns.map((column) => [column, 'TEXT'] as const)
const person = [
  ['id', 'VARCHAR(36) unique primary key'],
  ...text('name', 'description', 'avatar', 'email'),
  ['validated', 'BOOLEAN'],
  ...text('validationemail'),
  ['validationdate', 'BIGINT'],
  ['creationdate', 'BIGINT'],
  ...text('validationuri'),
  ['changepassword', 'BOOLEAN'],
  ['lastlogin', 'BIGINT'],
  ...text('currentloginuri'),
  ['lastpasswordchange', 'BIGINT'],
  ['lastemailcheck', 'BIGINT'],
  ['waitingforemailcheck', 'BOOLEAN'],
  ...text('locale', 'notes', 'location', 'owner'),
  ['suspended', 'BOOLEAN'],
  ['blacklisted', 'BOOLEAN'],
  ...text('userrole', 'usertypeproprietaryinfo', 'securitypolicy'),
  ['securitypolicychange', 'BIGINT'],
  ...text('currentpassword', 'lastpasswords', 'oauthtype', 'oauthuserinfo', 'modified', 'signingup'),
] as const
const picture = (blob: string) =>
  [
    ['id', 'VARCHAR(36) unique primary key'],
    ['type', 'TEXT'],
    ['created', 'BIGINT'],
    ['name', 'TEXT'],
    ['avatar', blob],
  ] as const
const preference = [
  ['id', 'VARCHAR(36) unique primary key'],
  ['modified', 'BIGINT'],
  ['data', 'TEXT'],
] as const
const key = [
  ['id', 'VARCHAR(36) unique primary key'],
  ...text('useruuid', 'name', 'description', 'apikey', 'salt'),
  ['created', 'BIGINT'],
  ['expireson', 'BIGINT'],
  ['rights', 'TEXT'],
  ['lastuse', 'BIGINT'],
] as const
const token = [
  ['token', 'TEXT unique primary key'],
  ...text('refreshtoken', 'tokentype', 'username'),
  ['created', 'BIGINT'],
  ['expires', 'BIGINT'],
  ['idletimeout', 'BIGINT'],
  ['revocationdate', 'BIGINT'],
  ['lastrefresh', 'BIGINT'],
] as const

const schema = (engine: Engine): string[] => {
  const blob = engine === 'postgres' ? 'BYTEA' : 'BLOB'
  const tables = {
    Users: person,
    Subscribers: person,
    Avatars2: picture(blob),
    SubAvatars: picture(blob),
    Preferences: preference,
    SubPreferences: preference,
    ApiKeys: key,
    Tokens: token,
    SubTokens: token,
  }
  return Object.entries(tables).map(
    ([table, columns]) => `create table ${table} (${columns.map((column) => column.join(' ')).join(', ')})`,
  )
}

const insertOf = (table: string, row: Row, place: (n: number) => string): string =>
  `insert into ${table} (${Object.keys(row).join(', ')}) values (${Object.keys(row)
    .map((_, n) => place(n + 1))
    .join(', ')})`

function sqliteHouse(): ForeignHouse {
  const folder = mkdtempSync(join(tmpdir(), 'chatelaine-foreign-'))
  const source = join(folder, 'security.db')
  const file = new DatabaseSync(source)
  return {
    source,
    async insert(table, row) {
      const values = Object.values(row).map((value) => (typeof value === 'boolean' ? Number(value) : value))
      file.prepare(insertOf(table, row, () => '?')).run(...values)
    },
    async run(sql) {
      file.exec(sql)
    },
    async drop() {
      file.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function postgresHouse(): Promise<ForeignHouse> {
  const { url, drop } = await freshPostgres()
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  return {
    source: url,
    async insert(table, row) {
      await client.query(
        insertOf(table, row, (n) => `$${n}`),
        Object.values(row),
      )
    },
    async run(sql) {
      await client.query(sql)
    },
    async drop() {
      await client.end()
      await drop()
    },
  }
}

export async function foreignHouse(engine: Engine): Promise<ForeignHouse> {
  const house = engine === 'postgres' ? await postgresHouse() : sqliteHouse()
  for (const statement of schema(engine)) await house.run(statement)
  return house
}

const hex = (plain: string): string => createHash('sha256').update(plain).digest('hex')

/** The two forms in which passwords lie there. */
export const oldForm = (password: string, email: string): string => hex(password + email)
export const newForm = (password: string, email: string, salt = '1700000000123456789'): string =>
  `${salt}|${hex(salt + password + email)}`

export const CREATED = 1_700_000_000

/** A row of Users or Subscribers with everything in it, as upstream writes one. */
export const personRow = (id: string, email: string, more: Row = {}): Row => ({
  id,
  name: `Name of ${email}`,
  description: 'Described',
  avatar: '',
  email,
  validated: true,
  validationemail: '',
  validationdate: CREATED + 1,
  creationdate: CREATED,
  validationuri: '',
  changepassword: false,
  lastlogin: CREATED + 2,
  currentloginuri: '',
  lastpasswordchange: CREATED + 3,
  lastemailcheck: CREATED + 4,
  waitingforemailcheck: false,
  locale: 'de_CH',
  notes: '[]',
  location: 'Bern',
  owner: '',
  suspended: false,
  blacklisted: false,
  userrole: 'csr',
  usertypeproprietaryinfo: '{"authenticatorSecret":"","mfa":{"enabled":false,"method":""},"mobiles":[]}',
  securitypolicy: '',
  securitypolicychange: 0,
  currentpassword: '',
  lastpasswords: '[]',
  oauthtype: '',
  oauthuserinfo: '',
  modified: String(CREATED + 5),
  signingup: '',
  ...more,
})

export const stepInfo = (method: string, more: Record<string, unknown> = {}): string =>
  JSON.stringify({ authenticatorSecret: '', mfa: { enabled: true, method }, mobiles: [], ...more })

export const idOf = (n: number): string => `a0000000-0000-4000-8000-${String(n).padStart(12, '0')}`
