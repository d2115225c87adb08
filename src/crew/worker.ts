import cluster from 'node:cluster'
import { readConfig } from '#src/config.ts'
import { jsonLog } from '#src/lib/log.ts'
import { explained, untilAsked } from '../running.ts'
import { membership } from './membership.ts'
import { type SharedLog, sharedLog } from './shared-log.ts'
import { type Other, wire } from './wire.ts'
import type { Begin, LevelOrder, PrimaryActs, WorkerActs } from './words.ts'

/** Has the process end with the words of why it could not begin. */
async function fail(primary: Other<PrimaryActs>, words: string): Promise<never> {
  await primary.ask('failed', words).catch(() => {})
  process.exit(1)
}

function openLog(primary: Other<PrimaryActs>, { environment, levels }: Begin) {
  const own = jsonLog(readConfig(environment).logLevel, Date.now, (line) => process.stderr.write(line))
  const setLevel = ({ subsystem, level }: LevelOrder) => void own.setLevel(subsystem, level)
  levels.forEach(setLevel)
  return { ...sharedLog(own, primary), setLevel }
}

/** Runs the whole server as one of several processes, until the primary or a signal asks it to end, or the primary is gone. */
export async function work(): Promise<void> {
  let shared: (SharedLog & { setLevel(order: LevelOrder): void }) | null = null
  let hands: ReturnType<typeof membership> | null = null
  let end = async (_: string): Promise<void> => process.exit(0)
  const acts: WorkerActs = {
    end: () => void end('asked'),
    setLevel: (order) => shared?.setLevel(order),
    relay: (isWanted) => shared?.relay(isWanted),
    line: (line) => shared?.hear(line),
    reload: async (parts) => hands?.acts.reload(parts),
    resources: () => hands!.acts.resources(null),
    metrics: () => hands!.acts.metrics(null),
    deliveryEnded: () => hands?.acts.deliveryEnded(null),
  }
  const primary = wire<PrimaryActs>(process as Required<NodeJS.Process>, acts)
  // Without it nobody takes connections for us. Node would end this process at once, with what it has in hand.
  cluster.worker!.once('disconnect', () => {
    cluster.worker!.exitedAfterDisconnect = true
    void end('the primary is gone')
  })
  // Loaded while the first one prepares what all need.
  const loaded = import('../server.ts')
  const begin = await primary.ask('hello', null)
  shared = openLog(primary, begin)
  hands = membership(primary, begin)
  try {
    const { startServer } = await loaded
    const { crew } = hands
    const running = await startServer(readConfig(begin.environment), { log: shared.log, crew })
    end = untilAsked(shared.log, () => running.stop())
    primary.tell('ready', { url: running.url, firstPassword: running.firstPassword })
  } catch (error) {
    await fail(primary, explained(error, begin.environment))
  }
}
