import { type Config, readConfig, unknownSettings } from './config.ts'
import type { Context } from './context.ts'
import { migrate, schemaState } from './db/open.ts'
import { reloadTemplates } from './domain/messages/messages.ts'
import { judgeNextHop, openGateway, USUAL_PLACE } from './gateway.ts'
import { gatewayJobs, startJobs } from './jobs.ts'
import { judgeKeyFile } from './key-file.ts'
import { systemClock } from './lib/clock.ts'
import { jsonLog } from './lib/log.ts'
import { letGiveWay } from './lib/thread-priority.ts'
import { closeContext, openContext, openSight } from './open-context.ts'
import { explained, untilAsked } from './running.ts'
import { missingFile } from './standing.ts'

type Environment = Record<string, string | undefined>

/** With listeners of its own: their ports are written into the settings. */
function ownConfig(config: Config): { config: Config; isUsual: boolean } {
  const { gatewayListen, gatewayIncomingListen } = config
  const isUsual = !gatewayListen && !gatewayIncomingListen
  const out = isUsual ? USUAL_PLACE : gatewayListen
  const places = {
    gatewayListen: out && { ...out },
    gatewayIncomingListen: gatewayIncomingListen && { ...gatewayIncomingListen },
  }
  return { config: { ...config, ...places }, isUsual }
}

const never = (what: string): Error =>
  new Error(
    `${what}. Start the server once first, or give the gateway the settings of the server, CHATELAINE_DATA above all.`,
  )

/** What the settings alone tell. Refuses to make a house where there is none: a mistyped folder would get an empty one. */
function judgeSettings(config: Config): void {
  if (config.gatewayInside)
    throw new Error('CHATELAINE_GATEWAY_INSIDE is on: the server itself opens the gateway. Turn one of the two off.')
  judgeNextHop(config)
  const missing = missingFile(config)
  if (missing) throw never(`there is no ${missing} in ${config.data}`)
}

async function judgeDatabase({ database }: Context): Promise<void> {
  if ((await schemaState(database)) === 'empty') throw never('the database is empty')
}

async function start(environment: Environment): Promise<void> {
  const given = readConfig(environment)
  const log = jsonLog(given.logLevel, Date.now, (line) => process.stderr.write(line))
  for (const setting of unknownSettings(environment)) log.warn('setting.unknown', { setting })
  judgeSettings(given)
  const { config, isUsual } = ownConfig(given)
  // The internal key is of no use here, and would be written when there is none yet.
  const own = { ...config, internalKey: config.internalKey ?? '-'.repeat(32) }
  const ctx = await openContext(own, systemClock, log, await openSight(own, log))
  try {
    await judgeDatabase(ctx)
    await migrate(ctx.database, ctx.log)
    await judgeKeyFile(ctx)
    reloadTemplates(ctx)
    letGiveWay('libuv-worker')
    const gateway = await openGateway(ctx)
    const jobs = startJobs(ctx, gatewayJobs)
    ctx.carriers.wake = () => setImmediate(jobs.wake)
    untilAsked(log, async () => {
      await gateway.close()
      await jobs.stop()
      await closeContext(ctx)
    })
    if (isUsual) console.log('CHATELAINE_GATEWAY_LISTEN is not set: this is the usual place.')
    console.log(`Chatelaine's mail gateway is ready at ${gateway.urls.join(' and ')}`)
  } catch (error) {
    await closeContext(ctx)
    throw error
  }
}

/** Runs the mail gateway until a signal asks it to end; ends the process with a plain word when it cannot start. */
export async function serveGateway(environment: Environment): Promise<void> {
  try {
    await start(environment)
  } catch (error) {
    console.error(explained(error, environment))
    process.exit(1)
  }
}
