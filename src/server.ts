import { mkdirSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { carriersOf } from './carriers.ts'
import type { Config } from './config.ts'
import type { Context } from './context.ts'
import { migrate, openPostgres, openSqlite } from './db/open.ts'
import { makeFirstAdministrator } from './domain/accounts/accounts.ts'
import type { Protocol } from './http/endpoint.ts'
import { type Mounted, mount } from './http/mount.ts'
import { startJobs } from './jobs.ts'
import { judgeKeyFile, openKeyFile } from './key-file.ts'
import { base32, systemChance } from './lib/chance.ts'
import { type Clock, systemClock } from './lib/clock.ts'
import type { Log } from './lib/log.ts'
import { openPgpPool } from './lib/openpgp/pool.ts'
import { passwords } from './lib/passwords.ts'
import { letHashingGiveWay } from './lib/thread-priority.ts'
import { type Metrics, metrics, startMetrics } from './metrics.ts'
import { type Entrance, hotPath } from './protocols/openwifi/hot-path.ts'
import { internalProtocols, protocols } from './protocols/protocols.ts'
import { tlsOf } from './tls.ts'

export interface Running {
  ctx: Context
  /** where it listens, with scheme and port */
  url: string
  /** where sibling services are answered; null when nowhere */
  internalUrl: string | null
  /** password of the first administrator, when this start made one at random */
  firstPassword: string | null
  /** Stops accepting, lets what runs come to its end, and closes everything. */
  stop(): Promise<void>
}

/** Opens everything that verbs work with. `wake` is set once the jobs run. */
async function openContext(config: Config, clock: Clock, log: Log): Promise<Context> {
  mkdirSync(config.data, { recursive: true, mode: 0o700 })
  const { secrets, warning } = openKeyFile(config.data, config.internalKey)
  if (warning) log.warn('key-file.open', { advice: warning })
  const database = config.databaseUrl
    ? await openPostgres(config.databaseUrl)
    : openSqlite(join(config.data, 'chatelaine.sqlite'))
  const carriers = carriersOf(config, clock)
  if (!carriers.mailer) log.warn('mail.off', { advice: 'set CHATELAINE_SMTP_URL; until then mail is only queued' })
  return {
    config,
    secrets,
    database,
    db: database.query,
    clock: { now: () => clock.now(), chance: systemChance },
    log,
    carriers: { ...carriers, wake() {} },
    workers: {
      passwords: passwords({
        memory: config.passwordMemory,
        passes: config.passwordPasses,
        lanes: 1,
        width: config.passwordWidth,
        bound: config.passwordQueue,
      }),
      openpgp: openPgpPool({
        size: config.openpgpWidth,
        queueLimit: config.openpgpQueue,
        log: (event, facts) => log.warn(event, facts),
      }),
    },
  }
}

async function firstAdministrator(ctx: Context): Promise<string | null> {
  const given = ctx.config.rootPassword
  const password = given ?? base32(ctx.clock.chance, 20)
  const made = await makeFirstAdministrator(ctx, {
    email: ctx.config.rootEmail,
    password,
    origin: { protocol: 'start', network: 'local', agent: '' },
  })
  return made && !given ? password : null
}

const KEEP_ALIVE = 15_000
const HEADERS_WITHIN = 10_000
const STOP_WITHIN = 10_000

function bounded(server: Server, config: Config): Server {
  server.requestTimeout = config.requestTimeout * 1000
  server.headersTimeout = HEADERS_WITHIN
  server.keepAliveTimeout = KEEP_ALIVE
  return server
}

const listen = (server: Server, { host, port }: { host: string; port: number }): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve(server.address() as AddressInfo))
  })

/** Takes no new connection, lets each end once its request is answered, and cuts what is left after the deadline. */
async function closeGently(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  const sweep = setInterval(() => server.closeIdleConnections(), 20)
  const deadline = setTimeout(() => server.closeAllConnections(), STOP_WITHIN)
  server.closeIdleConnections()
  await closed
  clearInterval(sweep)
  clearTimeout(deadline)
}

/** Starts the whole house: database, first administrator, protocols, jobs, listeners. */
export async function startServer(
  config: Config,
  { log, clock = systemClock }: { log: Log; clock?: Clock },
): Promise<Running> {
  const ctx = await openContext(config, clock, log)
  try {
    return await open(ctx, clock)
  } catch (error) {
    await ctx.workers.openpgp.close()
    await ctx.database.close()
    throw error
  }
}

/** The hottest routes first, then the framework. */
function handlerOf(ctx: Context, seen: Metrics, entrance: Entrance, spoken: readonly Protocol[]): Mounted {
  const mounted = mount(ctx, spoken, seen.observe)
  const hot = hotPath(ctx, entrance)
  const isAnswered: typeof hot = (message, response) => {
    try {
      return hot(message, response)
    } catch (error) {
      ctx.log.error('hot-path.fault', { error })
      return false
    }
  }
  return (message, response) => {
    if (!isAnswered(message, response)) mounted(message, response)
  }
}

interface Listener {
  server: Server
  url: string
}

/** Opens a listener, with TLS when the setting asks for it. */
async function openListener(ctx: Context, clock: Clock, at: Config['listen'], handler: Mounted): Promise<Listener> {
  const tls = await tlsOf(ctx.config, clock)
  const server = bounded(tls ? createTlsServer(tls, handler) : createServer(handler), ctx.config)
  const { port } = await listen(server, at)
  const host = at.host.includes(':') ? `[${at.host}]` : at.host
  return { server, url: `${tls ? 'https' : 'http'}://${host}:${port}` }
}

async function open(ctx: Context, clock: Clock): Promise<Running> {
  const { config } = ctx
  await migrate(ctx.database)
  await judgeKeyFile(ctx)
  await ctx.workers.passwords.warm()
  letHashingGiveWay()
  const seen = metrics(ctx)
  const outer = await openListener(ctx, clock, config.listen, handlerOf(ctx, seen, 'public', protocols))
  const inner =
    config.internalListen &&
    (await openListener(ctx, clock, config.internalListen, handlerOf(ctx, seen, 'internal', internalProtocols)))
  // Not before: a password that is shown once must not be made by a start that fails.
  const firstPassword = await firstAdministrator(ctx)
  const jobs = startJobs(ctx)
  ctx.carriers.wake = () => setImmediate(jobs.wake)
  const metricsServer = config.metricsListen ? await startMetrics(seen, config.metricsListen) : null
  return {
    ctx,
    url: outer.url,
    internalUrl: inner?.url ?? null,
    firstPassword,
    async stop() {
      await Promise.all([outer, inner].map((one) => one && closeGently(one.server)))
      metricsServer?.close()
      await jobs.stop()
      ctx.carriers.mailer?.close()
      await ctx.workers.openpgp.close()
      await ctx.database.close()
    },
  }
}
