import { BadSettings, readConfig, unknownSettings } from './config.ts'
import { jsonLog, type Log } from './lib/log.ts'
import { startServer } from './server.ts'

type Environment = Record<string, string | undefined>

/** Ends the process in good order when a signal asks for it. */
export function untilAsked(log: Log, stop: () => Promise<void>): void {
  let isStopping = false
  const end = async (signal: string) => {
    if (isStopping) return
    isStopping = true
    log.info('server.stopping', { signal })
    await stop().catch((error: unknown) => {
      log.error('server.stop-failed', { error })
      process.exit(1)
    })
    process.exit(0)
  }
  process.on('SIGTERM', () => void end('SIGTERM'))
  process.on('SIGINT', () => void end('SIGINT'))
}

async function start(environment: Environment): Promise<void> {
  const config = readConfig(environment)
  const log = jsonLog(config.logLevel, Date.now, (line) => process.stderr.write(line))
  for (const setting of unknownSettings(environment)) log.warn('setting.unknown', { setting })
  const running = await startServer(config, { log })
  untilAsked(log, () => running.stop())
  // Last: whoever reads it may ask us to end at once.
  if (running.firstPassword)
    console.log(
      `First administrator: ${config.rootEmail}\nPassword, shown this once: ${running.firstPassword}\nIt must be changed at the first sign-in.`,
    )
  console.log(`Chatelaine is ready at ${running.url}`)
}

/** Why there was no start, in plain words. */
export function explained(error: unknown, environment: Environment): string {
  if (error instanceof BadSettings) return `These settings cannot be used:\n${error.message}`
  const { code, port, message, stack } = error as NodeJS.ErrnoException & { port?: number }
  if (code === 'EADDRINUSE')
    return `Port ${port} is in use. Name another one in CHATELAINE_LISTEN (or the other settings that end in _LISTEN), or stop what listens there.`
  if (code === 'ECONNREFUSED')
    return `The database at CHATELAINE_DATABASE_URL does not answer (${message}). Is it running, and is the address right?`
  return `Chatelaine could not start: ${environment.CHATELAINE_LOG_LEVEL === 'debug' ? stack : message}`
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
