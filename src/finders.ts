import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Config } from './config.ts'
import type { Carriers } from './context.ts'
import { daneFinder } from './drivers/dane.ts'
import { guardedFetch } from './drivers/guarded-fetch.ts'
import { hkpFinder } from './drivers/hkp.ts'
import type { KeyFinder } from './drivers/key-finder.ts'
import { systemResolve } from './drivers/public-address.ts'
import { vksFinder } from './drivers/vks.ts'
import { wkdFinder } from './drivers/wkd.ts'
import { seconds } from './lib/clock.ts'

function authoritiesIn(path: string): string {
  try {
    const ca = readFileSync(path, 'utf8')
    new X509Certificate(ca)
    return ca
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw new Error(`CHATELAINE_KEY_LOOKUP_CA: ${path} cannot be used (${code ?? message})`)
  }
}

function daneOf({ dnssecResolver, keyLookupTimeout }: Config): KeyFinder | null {
  if (!dnssecResolver) return null
  try {
    return daneFinder({ ...dnssecResolver, timeoutMs: seconds(keyLookupTimeout) })
  } catch (error) {
    throw new Error(`CHATELAINE_DNSSEC_RESOLVER: ${(error as Error).message}`)
  }
}

/** Who is asked for keys of strangers: the sources in the world that `keySources` names, by those names. */
export function findersOf(config: Config): Carriers['finders'] {
  const { keyLookupInternal: internal, keyLookupCa, keyLookupTimeout } = config
  const ca = keyLookupCa ? authoritiesIn(keyLookupCa) : null
  const fetch = guardedFetch({ resolve: systemResolve, internal, ca, timeoutMs: seconds(keyLookupTimeout) })
  const dane = daneOf(config)
  const finders = new Map<string, KeyFinder>()
  for (const { name } of config.keySources) {
    if (name === 'wkd') finders.set(name, wkdFinder(fetch))
    else if (name === 'dane' && dane) finders.set(name, dane)
    else if (name.startsWith('https:')) finders.set(name, vksFinder(fetch, name))
    else if (name.startsWith('hkps:')) finders.set(name, hkpFinder(fetch, name))
  }
  return finders
}
