import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from './config.ts'

/** A file without which no server has ever started with these settings; null where they are all there. */
export function missingFile({ data, databaseUrl }: Pick<Config, 'data' | 'databaseUrl'>): string | null {
  const needed = databaseUrl ? ['chatelaine.key'] : ['chatelaine.key', 'chatelaine.sqlite']
  return needed.find((file) => !existsSync(join(data, file))) ?? null
}
