import { BadSettings } from './config.ts'
import type { Log } from './lib/log.ts'

/** Thrown with what is to be said as it is. */
export class PlainWords extends Error {}

/** Ends the process in good order when a signal asks for it, or whoever calls the answer. */
export function untilAsked(log: Log, stop: () => Promise<void>): (by: string) => Promise<void> {
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
  return end
}

/** Why there was no start, in plain words. */
export function explained(error: unknown, environment: Record<string, string | undefined>): string {
  if (error instanceof PlainWords) return error.message
  if (error instanceof BadSettings) return `These settings cannot be used:\n${error.message}`
  const { code, port, message, stack } = error as NodeJS.ErrnoException & { port?: number }
  if (code === 'EADDRINUSE')
    return `Port ${port} is in use. Name another one in CHATELAINE_LISTEN (or the other settings that end in _LISTEN), or stop what listens there.`
  if (code === 'ECONNREFUSED')
    return `The database at CHATELAINE_DATABASE_URL does not answer (${message}). Is it running, and is the address right?`
  return `Chatelaine could not start: ${environment.CHATELAINE_LOG_LEVEL === 'debug' ? stack : message}`
}
