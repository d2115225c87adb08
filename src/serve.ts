import { BadSettings, readConfig, unknownSettings } from './config.ts'
import { jsonLog } from './lib/log.ts'
import { startServer } from './server.ts'

type Environment = Record<string, string | undefined>

async function start(environment: Environment): Promise<void> {
  const config = readConfig(environment)
  const log = jsonLog(config.logLevel, Date.now, (line) => process.stderr.write(line))
  for (const setting of unknownSettings(environment)) log.warn('setting.unknown', { setting })
  const running = await startServer(config, { log })
  let isStopping = false
  const stop = async (signal: string) => {
    if (isStopping) return
    isStopping = true
    log.info('server.stopping', { signal })
    await running.stop().catch((error: unknown) => {
      log.error('server.stop-failed', { error })
      process.exit(1)
    })
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))
  // Last: whoever reads it may ask us to end at once.
  if (running.firstPassword)
    console.log(
      `First administrator: ${config.rootEmail}\nPassword, shown this once: ${running.firstPassword}\nIt must be changed at the first sign-in.`,
    )
  console.log(`Chatelaine is ready at ${running.url}`)
}

function explained(error: unknown, environment: Environment): string {
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
