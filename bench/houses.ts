import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startPostgres } from '../scripts/postgres.ts'
import { type BenchHouse, benchHouse } from './house.ts'

export type On = 'SQLite' | 'PostgreSQL'

const SIZE = { tokens: 10_000, keys: 10_000, accounts: 200 }

/** The houses that parts of the bench share, each opened when it is first asked for. */
export interface Houses {
  on(engine: On): Promise<BenchHouse>
  remove(): Promise<void>
}

/** A house on a PostgreSQL server of its own, as that comes: what was committed is on the disk. */
async function postgresHouse(): Promise<BenchHouse> {
  const folder = mkdtempSync(join(tmpdir(), 'chatelaine-bench-postgres-'))
  // The PostgreSQL server runs as another user when we are root: let it pass through the folder.
  chmodSync(folder, 0o755)
  const { url, stop } = await startPostgres(folder, { max_wal_size: '1GB' })
  const house = await benchHouse({ ...SIZE, url })
  return {
    ...house,
    async remove() {
      await house.remove()
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

export function openHouses(): Houses {
  const opened = new Map<On, Promise<BenchHouse>>()
  return {
    on(engine) {
      const house = opened.get(engine) ?? (engine === 'SQLite' ? benchHouse(SIZE) : postgresHouse())
      opened.set(engine, house)
      return house
    },
    async remove() {
      for (const house of opened.values()) await (await house).remove()
    },
  }
}
