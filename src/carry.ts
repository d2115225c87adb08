import { once } from 'node:events'
import { join } from 'node:path'
import { openPostgres, openSqlite } from './db/open.ts'
import { startCarrying } from './domain/deliveries/deliveries.ts'
import type { CarrierFacts, FromCarrier, ToCarrier } from './drivers/carrier.ts'
import { nextHop } from './drivers/smtp-hand-over.ts'
import { followKeyFile, KEY_FILE_EVERY, openKeyFile } from './key-file.ts'
import { systemChance } from './lib/chance.ts'
import type { Clock } from './lib/clock.ts'
import { jsonLog } from './lib/log.ts'

/** The time as whoever started us has it, whose clock a test may hold: what he said last, and what went by since. */
function followedClock(start: number): Clock & { set(now: number): void } {
  let [said, at] = [start, performance.now()]
  return {
    now: () => Math.round(said + performance.now() - at),
    set(now) {
      said = now
      at = performance.now()
    },
  }
}

/** Nobody may be there to hear it any more. */
function tell(message: FromCarrier): void {
  if (process.connected) process.send!(message, () => {})
}

/** What there is to be said goes through the log of whoever started us, which decides what of it is written. */
function toldLog() {
  const log = jsonLog('debug', Date.now, () => {})
  log.watch(({ level, event, facts }) => tell({ level, event, facts }))
  return log
}

const openDatabase = ({ databaseUrl, databasePrepare: prepare, data }: CarrierFacts) =>
  databaseUrl ? openPostgres(databaseUrl, { prepare }) : openSqlite(join(data, 'chatelaine.sqlite'))

/** Runs until the channel to whoever started us is closed, and all that is in hand then is settled. */
export async function carry(): Promise<void> {
  // A service manager may send these to every process of the service. It is the channel that tells us to end.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => {})
  const left = once(process, 'disconnect')
  const [first] = (await Promise.race([once(process, 'message'), left])) as [ToCarrier?]
  if (!first || !('facts' in first)) process.exit(0)
  const { facts } = first
  const clock = followedClock(first.now)
  const log = toldLog()
  const fault = (error: unknown) => {
    const { message, stack } = error as Error
    log.error('carrier.fault', { message, stack })
    setImmediate(() => process.exit(1))
  }
  process.on('uncaughtException', fault).on('unhandledRejection', fault)
  const database = await openDatabase(facts)
  // It answers no sibling service: their key stays where it is.
  const { secrets } = openKeyFile(facts.data, 'none')
  setInterval(followKeyFile, KEY_FILE_EVERY, { secrets, log }).unref()
  const hop = nextHop({ url: facts.hop, stepMs: facts.stepMs })
  const carrying = startCarrying(
    { db: database.query, database, secrets, clock: { ...clock, chance: systemChance }, log },
    { hop, width: facts.width, ended: (id) => tell({ ended: id }) },
  )
  process.on('message', ({ now }: ToCarrier) => {
    clock.set(now)
    carrying.look()
  })
  if (process.connected) carrying.look()
  if (process.connected) await left
  await carrying.finish()
  hop.close()
  await database.close()
  process.exit(0)
}
