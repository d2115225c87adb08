import { BadSettings, readConfig, unknownSettings } from './config.ts'
import { jsonLog } from './lib/log.ts'
import { startServer } from './server.ts'

/** Starts the server for good: until a signal asks it to end. Returns the exit code when it cannot start. */
async function serve(environment: NodeJS.ProcessEnv): Promise<number | null> {
  const config = readConfig(environment)
  const log = jsonLog(config.logLevel, Date.now, (line) => process.stderr.write(line))
  for (const setting of unknownSettings(environment)) log.warn('setting.unknown', { setting })
  const running = await startServer(config, { log })
  if (running.firstPassword)
    console.log(
      `First administrator: ${config.rootEmail}\nPassword, shown this once: ${running.firstPassword}\nIt must be changed at the first sign-in.`,
    )
  console.log(`Chatelaine is ready at ${running.url}`)
  let isStopping = false
  const stop = async (signal: string) => {
    if (isStopping) return
    isStopping = true
    log.info('server.stopping', { signal })
    await running.stop()
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))
  return null
}

try {
  const code = await serve(process.env)
  if (code !== null) process.exit(code)
} catch (error) {
  if (error instanceof BadSettings) console.error(`These settings cannot be used:\n${error.message}`)
  else {
    const { code, port, message } = error as NodeJS.ErrnoException & { port?: number }
    console.error(
      code === 'EADDRINUSE'
        ? `Port ${port} is in use. Set CHATELAINE_LISTEN=127.0.0.1:<another port>, or stop what listens there.`
        : `Chatelaine could not start: ${message}`,
    )
    if (code !== 'EADDRINUSE' && process.env.CHATELAINE_LOG_LEVEL === 'debug') console.error(error)
  }
  process.exit(1)
}
