import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

/** Where machine code of our own modules is kept. Node's own variable goes before. */
export const compileCacheIn = (data: string): string => process.env.NODE_COMPILE_CACHE || join(data, 'compile-cache')

/**
 * Keeps machine code of the modules that are imported from now on, so that a later start need not compile them again. In
 * the data folder, where nobody else writes: what somebody put there would run as ours. The first start does without, and
 * so does one in a folder that is not the server's.
 */
export function keepCompiled({ CHATELAINE_DATA }: Record<string, string | undefined>): void {
  // The same default as that of the setting: to read settings is half of what is to be compiled.
  const data = CHATELAINE_DATA || './data'
  if (existsSync(join(data, 'chatelaine.key'))) enableCompileCache(compileCacheIn(data))
}
