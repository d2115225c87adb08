import { siblingsOf } from './carriers.ts'
import type { Config } from './config.ts'
import { shownSetting } from './config-text.ts'
import { rarely } from './connections.ts'
import { consoleFiles } from './console.ts'
import type { Context } from './context.ts'
import type { Crew } from './crew/crew.ts'
import { shareOf } from './crew/shares.ts'
import { migrate } from './db/open.ts'
import { makeFirstAdministrator, readBlocklist } from './domain/accounts/accounts.ts'
import { ownOrigin } from './domain/caller.ts'
import { takeLeave } from './domain/house/house.ts'
import { reloadTemplates } from './domain/messages/messages.ts'
import { reloadParts } from './domain/operating.ts'
import { warnOfWeakDesk } from './domain/supporting/supporting.ts'
import { startEvents } from './events.ts'
import { type Gateway, openGatewayInside } from './gateway.ts'
import { health } from './health.ts'
import type { Protocol } from './http/endpoint.ts'
import { type Mounted, mount } from './http/mount.ts'
import { boundPipelines } from './http/pipelines.ts'
import { jobsOfEach, serverJobs, startJobs } from './jobs.ts'
import { compareInternalKey, judgeKeyFile } from './key-file.ts'
import { base32 } from './lib/chance.ts'
import { type Clock, systemClock } from './lib/clock.ts'
import type { Log } from './lib/log.ts'
import { letGiveWay } from './lib/thread-priority.ts'
import { closeGently, type Listener, openListener } from './listeners.ts'
import { type Metrics, metrics, startMetrics } from './metrics.ts'
import { closeContext, openContext, openSight } from './open-context.ts'
import { type Entrance, hotPath } from './protocols/openwifi/hot-path.ts'
import { logSocket } from './protocols/openwifi/log-socket.ts'
import { internalProtocols, protocols } from './protocols/protocols.ts'
import { startSubmissions } from './submissions.ts'
import { type Identity, identityOf } from './tls.ts'

export interface Running {
  ctx: Context
  /** where it listens, with scheme and port */
  url: string
  /** where sibling services are answered; null when nowhere */
  internalUrl: string | null
  /** where load balancers are answered; null when nowhere */
  healthUrl: string | null
  /** password of the first administrator, when this start made one at random */
  firstPassword: string | null
  /** Stops accepting, lets what runs come to its end, and closes everything. */
  stop(): Promise<void>
}

async function firstAdministrator(ctx: Context): Promise<string | null> {
  const given = ctx.config.rootPassword
  const password = given ?? base32(ctx.clock.chance, 20)
  const made = await makeFirstAdministrator(ctx, {
    email: ctx.config.rootEmail,
    password,
    origin: ownOrigin('start'),
  })
  return made && !given ? password : null
}

/** Starts the whole house: database, first administrator, protocols, jobs, listeners. `crew`: as one of its processes. */
export async function startServer(
  config: Config,
  { log, clock = systemClock, crew = null }: { log: Log; clock?: Clock; crew?: Crew | null },
): Promise<Running> {
  const { listen, internalListen, wksListen } = config
  const { gatewayListen, gatewayIncomingListen } = config
  const ports = {
    internalListen: internalListen && { ...internalListen },
    wksListen: wksListen && { ...wksListen },
    gatewayListen: gatewayListen && { ...gatewayListen },
    gatewayIncomingListen: gatewayIncomingListen && { ...gatewayIncomingListen },
  }
  const whole = { ...config, listen: { ...listen }, ...ports }
  const own = crew ? shareOf(whole, crew.size) : whole
  const ctx = await openContext(own, clock, log, await openSight(own, log))
  // What a process has for its part is nothing that anybody has set.
  ctx.house.setting = (env) => shownSetting(whole, env)
  ctx.house.reload = (parts) => reloadParts(ctx, parts)
  try {
    return await open(ctx, clock, crew)
  } catch (error) {
    await closeContext(ctx)
    throw error
  }
}

/** The hottest routes first, then the console's files where people come, then the framework. */
function handlerOf(ctx: Context, seen: Metrics, entrance: Entrance, spoken: readonly Protocol[]): Mounted {
  const tellCut = rarely(ctx.log, 'connections.pipelined', { entrance })
  const mounted = boundPipelines(
    mount(ctx, spoken, { observe: seen.observe, isInside: entrance === 'internal' }),
    tellCut,
  )
  const hot = hotPath(ctx, entrance)
  const files = entrance === 'public' ? consoleFiles(ctx) : () => false
  const { tallies } = ctx.house.measures
  const isAnswered: typeof hot = (message, response) => {
    try {
      if (hot(message, response)) tallies.hot++
      else if (files(message, response)) tallies.files++
      else return false
      return true
    } catch (error) {
      ctx.log.error('hot-path.fault', { error })
      return false
    }
  }
  return (message, response) => {
    if (!isAnswered(message, response)) mounted(message, response)
  }
}

/** Everything that listens. Opened as a whole: where one cannot listen, none does. */
async function openListeners(ctx: Context, crew: Crew | null, identity: Identity) {
  const { config } = ctx
  const opened: Listener[] = []
  const openAt = async (wanted: Omit<Parameters<typeof openListener>[0], 'config' | 'log'>): Promise<Listener> => {
    const listener = await openListener({ ...wanted, config, log: ctx.log })
    opened.push(listener)
    ctx.log.info('listening', { url: listener.url })
    return listener
  }
  let gateway: Gateway | null = null
  const seen = metrics(ctx)
  crew?.join(ctx, seen)
  const sockets = logSocket(ctx)
  const { listen, internalListen, healthListen, metricsListen } = config
  try {
    const outer = await openAt({ at: listen, handler: handlerOf(ctx, seen, 'public', protocols), identity, sockets })
    // Port 0 means any: what is made of the address, links in mails above all, needs the one that it became.
    listen.port = outer.port
    const inner =
      internalListen &&
      (await openAt({
        at: internalListen,
        place: 'aside',
        handler: handlerOf(ctx, seen, 'internal', internalProtocols),
        identity,
      }))
    if (internalListen && inner) internalListen.port = inner.port
    // Of several processes the one that looks after them has these two.
    const healthy = healthListen && !crew ? await openAt({ at: healthListen, place: 'aside', handler: health }) : null
    const measured = metricsListen && !crew ? await startMetrics(seen, metricsListen) : null
    gateway = await openGatewayInside(ctx)
    const submissions = await startSubmissions(ctx)
    return {
      url: outer.url,
      internalUrl: inner?.url ?? null,
      healthUrl: healthy?.url ?? null,
      async close() {
        sockets.stop()
        await Promise.all([...opened.map(closeGently), submissions?.close(), gateway?.close()])
        measured?.close()
      },
    }
  } catch (error) {
    sockets.stop()
    await Promise.all([...opened.map(closeGently), gateway?.close()])
    throw error
  }
}

/** Lets the listeners show a new certificate when somebody has put one there. */
function renewBy(ctx: Context, identity: Identity): () => Promise<void> {
  return async () => {
    try {
      await identity.renew()
      if (identity.shown) ctx.log.info('certificate.renewed')
    } catch (error) {
      ctx.log.error('certificate.unusable', { advice: 'the old one is still shown', error })
    }
  }
}

async function open(ctx: Context, clock: Clock, crew: Crew | null): Promise<Running> {
  const { config } = ctx
  await migrate(ctx.database, ctx.log)
  await judgeKeyFile(ctx)
  await compareInternalKey(ctx)
  await ctx.workers.passwords.warm()
  // Read now, so that what cannot be read is told at the start and not with the first mail or password.
  reloadTemplates(ctx)
  readBlocklist(ctx)
  warnOfWeakDesk(ctx)
  letGiveWay('libuv-worker')
  const identity = await identityOf(config, clock)
  ctx.carriers.renew = renewBy(ctx, identity)
  ctx.house.certificate = () => identity.shown?.cert ?? null
  const listeners = await openListeners(ctx, crew, identity)
  // Not before: a password that is shown once must not be made by a start that fails.
  const firstPassword = await firstAdministrator(ctx)
  ctx.carriers.siblings = siblingsOf(ctx)
  const isFirst = crew === null || crew.number === 1
  const jobs = startJobs(ctx, isFirst ? serverJobs(ctx) : jobsOfEach(ctx))
  ctx.carriers.wake = () => setImmediate(jobs.wake)
  const events = isFirst ? startEvents(ctx) : null
  const { url, internalUrl, healthUrl } = listeners
  return {
    ctx,
    url,
    internalUrl,
    healthUrl,
    firstPassword,
    async stop() {
      await listeners.close()
      await events?.stop()
      await jobs.stop()
      // Without a database it is missed for a while: nothing worse.
      await takeLeave(ctx).catch(() => {})
      await closeContext(ctx)
    },
  }
}
