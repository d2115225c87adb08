import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { moveCommand } from '#src/moving/command.ts'
import { freshPostgres, startHouse } from '#src/testing.ts'

export interface Moved {
  code: number
  out: string
  err: string
  /** what went to the screen that shows the progress */
  shown: string
}

/** A data folder whose house lives in SQLite, and a database to move to. */
export interface Mover {
  data: string
  url: string
  settings: Record<string, string>
  /** `chatelaine move`, within this process. */
  move(...args: string[]): Promise<Moved>
  /** Writes to the SQLite file by hand. */
  sqlite(work: (file: DatabaseSync) => void): void
  /** Asks the new database by hand. */
  ask(sql: string): Promise<string[][]>
  drop(): Promise<void>
}

export async function moverOf(data: string, { template = 'template1', isTTY = false } = {}): Promise<Mover> {
  const target = await freshPostgres(template)
  const settings = { CHATELAINE_DATA: data, CHATELAINE_DATABASE_URL: target.url }
  return {
    data,
    url: target.url,
    settings,
    async move(...args) {
      const said = { out: '', err: '', shown: '' }
      const code = await moveCommand({
        args,
        environment: settings,
        terminal: {
          say: (line) => {
            said.out += `${line}\n`
          },
          complain: (line) => {
            said.err += `${line}\n`
          },
        },
        screen: {
          isTTY,
          write: (text) => {
            said.shown += text
          },
        },
      })
      return { code, ...said }
    },
    sqlite(work) {
      const file = new DatabaseSync(join(data, 'chatelaine.sqlite'))
      // The schema has an index on it.
      file.function('lower', { deterministic: true }, (text) => String(text).toLowerCase())
      try {
        work(file)
      } finally {
        file.close()
      }
    },
    async ask(sql) {
      const client = new pg.Client({ connectionString: target.url })
      await client.connect()
      try {
        const { rows } = await client.query({ text: sql, rowMode: 'array' })
        return (rows as unknown[][]).map((row) => row.map(String))
      } finally {
        await client.end()
      }
    },
    drop: () => target.drop(),
  }
}

/** A data folder where a server has started once, and stopped. */
export async function emptyHouse(): Promise<string> {
  const data = mkdtempSync(join(tmpdir(), 'chatelaine-move-'))
  const house = await startHouse({ settings: { CHATELAINE_DATA: data } })
  await house.stop()
  return data
}

export const forget = (data: string): void => rmSync(data, { recursive: true, force: true })

// Far away, so that no server sweeps it.
const FUTURE = Date.UTC(2096, 0, 1)

/** Many people with sessions and a record, and some large bodies. */
export function crowd(file: DatabaseSync, count: number): void {
  file.exec(`
    begin;
    create temporary table n as with recursive c(i) as (select 1 union all select i + 1 from c where i < ${count}) select i from c;
    insert into account (id, email, name, role, created, modified, unlock_salt)
      select printf('%08x-crowd', i * 2654435761 % 4294967296), printf('p%d@example.org', i), printf('Person %d', i), 'csr', i, i, 's' from n;
    insert into session (id, account_id, protocol, state, generation, handle, created, last_seen, expires)
      select printf('s%d', i), printf('%08x-crowd', i * 2654435761 % 4294967296), 'openwifi', 'full', 0, hex(randomblob(32)), i, i, ${FUTURE} + i from n;
    insert into audit (id, at, event, account_id, protocol, network, detail)
      select printf('a%d', i), ${FUTURE} + i, 'sign-in.done', null, 'openwifi', '192.0.2.0/24', '{}' from n;
    insert into kept_body (id, key, bytes, created, claimed) select printf('b%d', i), 'k', 400000, ${FUTURE}, 1 from n where i <= 30;
    insert into kept_piece (body_id, seq, data) select printf('b%d', n.i), m.i, randomblob(200000) from n, n m where n.i <= 30 and m.i <= 2;
    drop table n;
    commit`)
}
