import cluster from 'node:cluster'
import { mkdirSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { carriersOf } from './carriers.ts'
import { type Config, settingIn } from './config.ts'
import { shownSetting } from './config-text.ts'
import type { Context } from './context.ts'
import { openPostgres, openSqlite } from './db/open.ts'
import { callCounts } from './http/limits.ts'
import { openKeyFile } from './key-file.ts'
import { opaqueId, systemChance } from './lib/chance.ts'
import type { Clock } from './lib/clock.ts'
import type { Log } from './lib/log.ts'
import { openMeasures } from './lib/measures.ts'
import { type OpenPgpPool, openPgpPool } from './lib/openpgp/pool.ts'
import { type ReadyKeys, readyKeys } from './lib/openpgp/ready-keys.ts'
import { passwords } from './lib/passwords.ts'
import { resourcesInUse } from './lib/resources.ts'
import { noTracing, openTracing, type Tracing } from './lib/tracing.ts'
import { openWatch, type Watch } from './lib/watch.ts'
import { judgeMoved, judgeWhole } from './moving/moved.ts'
import { tracedCarriers } from './traced-carriers.ts'

const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.')

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw new Error(`CHATELAINE_DATA: the folder ${folder} cannot be made (${(error as NodeJS.ErrnoException).code})`)
  }
}

/** How this run of this process is seen from outside. */
export interface Sight {
  process: Context['house']['process']
  tracing: Tracing
  watch: Watch | null
}

const thisProcess = (): Sight['process'] => ({
  id: opaqueId(systemChance),
  host: hostname(),
  pid: process.pid,
  worker: cluster.worker?.id ?? 0,
})

const unseen = (): Sight => ({ process: thisProcess(), tracing: noTracing, watch: null })

/** Opens the eyes of a server: what takes time is watched where there are metrics or traces. */
export async function openSight(config: Config, log: Log): Promise<Sight> {
  const own = thisProcess()
  const tracing = await openTracing({
    endpoint: config.otelEndpoint ?? null,
    database: config.databaseUrl ? 'postgresql' : 'sqlite',
    instance: own.id,
    environment: process.env,
    log,
  })
  const watch = config.metricsListen || tracing.tell ? openWatch() : null
  if (tracing.tell) watch?.follow(tracing.tell)
  return { process: own, tracing, watch }
}

/** Opens everything that verbs work with. `wake`, `renew`, `certificate` and `reload` are set once there is something behind them. */
export async function openContext(config: Config, clock: Clock, log: Log, sight: Sight = unseen()): Promise<Context> {
  const tell = sight.watch?.tell
  makeFolder(config.data)
  const { secrets, warning } = openKeyFile(config.data, config.internalKey)
  if (warning) log.warn('key-file.open', { advice: warning })
  // Before the database is opened: what of it cannot be used ends the start.
  const plain = await carriersOf(config, { clock, log })
  const carriers = sight.tracing.tell ? tracedCarriers(sight.tracing, plain) : plain
  judgeMoved(config)
  const database = config.databaseUrl
    ? await openPostgres(config.databaseUrl, {
        prepare: config.databasePrepare,
        connections: config.databaseConnections,
        tell,
      })
    : openSqlite(join(config.data, 'chatelaine.sqlite'), tell)
  await judgeWhole(database)
  const { internalListen } = config
  if (internalListen && config.tls === 'off' && !isLoopback(internalListen.host))
    log.warn('internal-listener.open', {
      advice: 'its key travels in clear: set CHATELAINE_TLS, or keep it on loopback',
    })
  if (config.databaseUrl && !config.publicUrl)
    log.warn('public-url.missing', {
      advice:
        'links in mails lead to this node alone: with several, set CHATELAINE_PUBLIC_URL to where all are reached',
    })
  if (!carriers.mailer) log.warn('mail.off', { advice: 'set CHATELAINE_SMTP_URL; until then mail is only queued' })
  const openpgp = openPgpPool({
    size: config.openpgpWidth,
    queueLimit: config.openpgpQueue,
    log: (event, facts) => log.warn(event, facts),
    tell,
  })
  const mayCall = callCounts()
  return {
    config,
    secrets,
    database,
    db: database.query,
    clock: { now: () => clock.now(), chance: systemChance },
    log,
    carriers: { ...carriers, siblings: null, wake() {}, renew: async () => {} },
    house: {
      ...sight,
      started: clock.now(),
      measures: openMeasures(),
      certificate: () => null,
      setting: (env) => shownSetting(config, env),
      readSetting: settingIn,
      mayCall: (place, key, most) => mayCall(place, key, most, clock.now()),
      reload: async () => {},
      resources: resourcesInUse,
    },
    workers: {
      passwords: passwords(
        {
          memory: config.passwordMemory,
          passes: config.passwordPasses,
          lanes: 1,
          width: config.passwordWidth,
          bound: config.passwordQueue,
        },
        tell,
      ),
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
  await ctx.house.tracing.close()
}
