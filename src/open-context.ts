import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { carriersOf } from './carriers.ts'
import { type Config, settingIn } from './config.ts'
import { shownSetting } from './config-text.ts'
import type { Context } from './context.ts'
import { openPostgres, openSqlite } from './db/open.ts'
import { openKeyFile } from './key-file.ts'
import { systemChance } from './lib/chance.ts'
import type { Clock } from './lib/clock.ts'
import type { Log } from './lib/log.ts'
import { openMeasures } from './lib/measures.ts'
import { type OpenPgpPool, openPgpPool } from './lib/openpgp/pool.ts'
import { type ReadyKeys, readyKeys } from './lib/openpgp/ready-keys.ts'
import { passwords } from './lib/passwords.ts'

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.')

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new Error(`CHATELAINE_DATA: the folder ${folder} cannot be made (${(error as NodeJS.ErrnoException).code})`)
  }
}

/** Opens everything that verbs work with. `wake`, `renew` and `certificate` are set once there is something behind them. */
export async function openContext(config: Config, clock: Clock, log: Log): Promise<Context> {
  makeFolder(config.data)
  const { secrets, warning } = openKeyFile(config.data, config.internalKey)
  if (warning) log.warn('key-file.open', { advice: warning })
  // Before the database is opened: what of it cannot be used ends the start.
  const carriers = await carriersOf(config, { clock, log })
  const database = config.databaseUrl
    ? await openPostgres(config.databaseUrl)
    : openSqlite(join(config.data, 'chatelaine.sqlite'))
  const { internalListen } = config
  if (internalListen && config.tls === 'off' && !isLoopback(internalListen.host))
    log.warn('internal-listener.open', {
      advice: 'its key travels in clear: set CHATELAINE_TLS, or keep it on loopback',
    })
  if (!carriers.mailer) log.warn('mail.off', { advice: 'set CHATELAINE_SMTP_URL; until then mail is only queued' })
  const openpgp = openPgpPool({
    size: config.openpgpWidth,
    queueLimit: config.openpgpQueue,
    log: (event, facts) => log.warn(event, facts),
  })
  return {
    config,
    secrets,
    database,
    db: database.query,
    clock: { now: () => clock.now(), chance: systemChance },
    log,
    carriers: { ...carriers, siblings: null, wake() {}, renew: async () => {} },
    house: {
      started: clock.now(),
      measures: openMeasures(),
      certificate: () => null,
      setting: (env) => shownSetting(config, env),
      readSetting: settingIn,
    },
    workers: {
      passwords: passwords({
        memory: config.passwordMemory,
        passes: config.passwordPasses,
        lanes: 1,
        width: config.passwordWidth,
        bound: config.passwordQueue,
      }),
      openpgp,
      readyKeys: readyKeysOf(config, openpgp, clock, log),
    },
  }
}

/** The others are made faster than one would ask for them. */
function readyKeysOf(config: Config, pool: OpenPgpPool, clock: Clock, log: Log): ReadyKeys | null {
  const { keyAlgorithm: algorithm, keyPool: size } = config
  if (!algorithm.startsWith('rsa') || size === 0) return null
  const tell = (event: string, facts: Record<string, unknown>) => log.warn(event, facts)
  return readyKeys({ pool, algorithm, size, now: () => clock.now(), log: tell })
}

/** Closes what `openContext` opened; what is being written comes to its end. */
export async function closeContext(ctx: Context): Promise<void> {
  ctx.carriers.mailer?.close()
  await ctx.carriers.carrier?.close()
  ctx.workers.readyKeys?.close()
  await ctx.workers.openpgp.close()
  await ctx.database.close()
}
