import type { ForeignDatabase, ForeignRow, ForeignValue } from '#src/db/foreign.ts'

/** Rows as they come: every column as text, or null; pictures as bytes. */
export type SourceRow = Record<string, string | null>

export interface SourceAvatar {
  type: string
  bytes: Uint8Array
  created: string | null
}

/** Where the two populations lie, and what hangs on them. */
export const tables = {
  user: { people: 'users', avatars: 'avatars2', preferences: 'preferences' },
  subscriber: { people: 'subscribers', avatars: 'subavatars', preferences: 'subpreferences' },
} as const

export type People = keyof typeof tables

const PERSON = [
  'id',
  'name',
  'description',
  'avatar',
  'email',
  'validated',
  'validationdate',
  'creationdate',
  'changepassword',
  'lastlogin',
  'lastpasswordchange',
  'lastemailcheck',
  'waitingforemailcheck',
  'locale',
  'notes',
  'location',
  'owner',
  'suspended',
  'blacklisted',
  'userrole',
  'usertypeproprietaryinfo',
  'securitypolicy',
  'currentpassword',
  'oauthtype',
  'oauthuserinfo',
  'modified',
  'signingup',
] as const

const KEY = ['id', 'name', 'description', 'apikey', 'created', 'expireson', 'rights', 'lastuse'] as const

/** The database of an OpenWiFi security service, read a page at a time. */
export interface Source {
  count(table: string): Promise<number>
  /** How many rows have no id: they can be neither paged nor named. */
  countNameless(people: People): Promise<number>
  /** How many rows of a table hang on nobody. */
  countOrphans(table: string, column: string, people: People): Promise<number>
  /** The next rows by id, after `after`. */
  page(people: People, after: string, limit: number): Promise<SourceRow[]>
  /** Is there somebody of this id, in either population? */
  has(id: string): Promise<boolean>
  avatarOf(people: People, id: string): Promise<SourceAvatar | null>
  preferencesOf(people: People, id: string): Promise<SourceRow | null>
  /** A user's API keys; nobody else has any. */
  keysOf(people: People, id: string): Promise<SourceRow[]>
}

/** Looks whether it is what it should be; throws with a plain word when it is not. */
export async function readSource(foreign: ForeignDatabase): Promise<Source> {
  const known = new Map<string, string[]>()
  for (const table of [...Object.values(tables).flatMap((one) => Object.values(one)), ...OTHERS])
    known.set(table, await foreign.columnsOf(table))
  const has = (table: string): boolean => (known.get(table)?.length ?? 0) > 0
  if (!['id', 'email', 'currentpassword'].every((column) => known.get('users')!.includes(column)))
    throw new Error('this is no database of the OpenWiFi security service: it has no table Users such as theirs')
  // Columns that an older version does not have yet are null.
  const chosen = (table: string, columns: readonly string[]): string =>
    columns
      .map((column) => `${known.get(table)!.includes(column) ? `cast(${column} as text)` : 'null'} as ${column}`)
      .join(', ')
  const texts = async (sql: string, values: readonly ForeignValue[]): Promise<SourceRow[]> =>
    (await foreign.query(sql, values)) as SourceRow[]
  // SQLite takes anything as a key; a blob sorts behind every text, and would come again on every page.
  const isText = foreign.engine === 'sqlite' ? "typeof(t.id) = 'text'" : 'true'
  const number = async (sql: string): Promise<number> => Number((await foreign.query(sql))[0]?.count ?? 0)
  return {
    count: async (table) => (has(table) ? number(`select count(*) as count from ${table}`) : 0),
    async countNameless(people) {
      const table = tables[people].people
      return has(table)
        ? number(`select count(*) as count from ${table} t where t.id is null or t.id = '' or not (${isText})`)
        : 0
    },
    async countOrphans(table, column, people) {
      const owner = tables[people].people
      if (!has(table)) return 0
      const owned = has(owner) ? ` where not exists (select 1 from ${owner} o where o.id = t.${column})` : ''
      return number(`select count(*) as count from ${table} t${owned}`)
    },
    async page(people, after, limit) {
      const table = tables[people].people
      if (!has(table)) return []
      return texts(
        `select ${chosen(table, PERSON)} from ${table} t where t.id > ? and ${isText} order by t.id limit ${limit}`,
        [after],
      )
    },
    async has(id) {
      for (const { people } of Object.values(tables))
        if (has(people) && (await foreign.query(`select 1 as one from ${people} where id = ?`, [id])).length > 0)
          return true
      return false
    },
    async avatarOf(people, id) {
      const table = tables[people].avatars
      if (!has(table)) return null
      const [row] = await foreign.query(
        `select cast(type as text) as type, avatar as bytes, cast(created as text) as created from ${table} where id = ?`,
        [id],
      )
      return row ? pictureIn(row) : null
    },
    async preferencesOf(people, id) {
      const table = tables[people].preferences
      if (!has(table)) return null
      return (await texts(`select ${chosen(table, ['modified', 'data'])} from ${table} where id = ?`, [id]))[0] ?? null
    },
    async keysOf(people, id) {
      if (people !== 'user' || !has('apikeys')) return []
      return texts(`select ${chosen('apikeys', KEY)} from apikeys t where t.useruuid = ? order by t.id`, [id])
    },
  }
}

const OTHERS = ['apikeys', 'tokens', 'subtokens', 'actions', 'logins', 'sublogins']

function pictureIn({ type, bytes, created }: ForeignRow): SourceAvatar {
  // A text where bytes should be is what a client library wrote there: its bytes are the picture.
  const content = bytes instanceof Uint8Array ? bytes : Buffer.from(String(bytes ?? ''), 'latin1')
  return { type: String(type ?? ''), bytes: content, created: created === null ? null : String(created) }
}
