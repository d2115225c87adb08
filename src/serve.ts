import { type Config, readConfig, unknownSettings } from './config.ts'
import { jsonLog, type Log } from './lib/log.ts'
import { restAfterStart } from './lib/resting.ts'
import { explained, untilAsked } from './running.ts'

type Environment = Record<string, string | undefined>

interface Started {
  url: string
  firstPassword: string | null
  stop(): Promise<void>
}

/** The server in this process, or in several that this one looks after. Only what is needed of the two is loaded. */
async function startOneOrMore(environment: Environment, config: Config, log: Log): Promise<Started> {
  if (config.workers === 1) {
    const { startServer } = await import('./server.ts')
    return startServer(config, { log })
  }
  const { startCrew } = await import('./crew/primary.ts')
  const crew = await startCrew({ environment, config, log })
  crew.lost.catch(async (error: unknown) => {
    console.error(explained(error, environment))
    await crew.stop().catch(() => {})
    process.exit(1)
  })
  return crew
}

async function start(environment: Environment): Promise<void> {
  const config = readConfig(environment)
  const log = jsonLog(config.logLevel, Date.now, (line) => process.stderr.write(line))
  for (const setting of unknownSettings(environment)) log.warn('setting.unknown', { setting })
  const running = await startOneOrMore(environment, config, log)
  untilAsked(log, () => running.stop())
  restAfterStart()
  // Last: whoever reads it may ask us to end at once.
  if (running.firstPassword)
    console.log(
      `First administrator: ${config.rootEmail}\nPassword, shown this once: ${running.firstPassword}\nIt must be changed at the first sign-in.`,
    )
  console.log(`Chatelaine is ready at ${running.url}`)
}

/** Runs the server until a signal asks it to end; ends the process with a plain word when it cannot start. */
export async function serve(environment: Environment): Promise<void> {
  try {
    await start(environment)
  } catch (error) {
    console.error(explained(error, environment))
    process.exit(1)
  }
}
