import type { RequestListener } from 'node:http'
import type { Config } from '#src/config.ts'
import type { Log } from '#src/lib/log.ts'
import { health } from '../health.ts'
import { closeGently, type Listener, openListener } from '../listeners.ts'
import { primaryActs } from './acts.ts'
import { askAll } from './asking-all.ts'
import { type Members, openMembers } from './members.ts'
import type { Ready } from './words.ts'

interface Known {
  environment: Record<string, string | undefined>
  config: Config
  log: Log
}

interface Started extends Ready {
  /** Ends all workers in good order; throws when one of them did not. */
  stop(): Promise<void>
  /** rejects with plain words when no worker can be started any more */
  lost: Promise<never>
}

/** Alive as long as somebody answers here. */
const healthOf =
  (members: () => Members | null): RequestListener =>
  (request, response) => {
    const isServing = [...(members()?.all() ?? [])].some(({ readySince }) => readySince !== null)
    if (isServing) health(request, response)
    else response.writeHead(503, { 'Retry-After': '2' }).end()
  }

async function openMetrics(config: Config, members: () => Members | null): Promise<{ close(): void } | null> {
  if (!config.metricsListen) return null
  const { startMetrics } = await import('../metrics.ts')
  const { sums } = await import('./sums.ts')
  const { text, contentType } = sums()
  return startMetrics(
    {
      contentType,
      async text() {
        const own = members()
        if (!own) return ''
        const told = await askAll(own, 'metrics', null)
        return text(
          told,
          [...own.all()].flatMap(({ pid }) => pid ?? []),
        )
      },
    },
    config.metricsListen,
  )
}

/** Runs the server in several processes: this one takes connections for them, and looks after them. */
export async function startCrew({ environment, config, log }: Known): Promise<Started> {
  let members: Members | null = null
  const known = () => members
  // First: they are this process's own, and a port that is in use ends the start before anything is made.
  const metrics = await openMetrics(config, known)
  const { healthListen } = config
  const healthy: Listener | null = healthListen
    ? await openListener({ at: healthListen, place: 'aside', config, log, handler: healthOf(known) })
    : null
  if (healthy) log.info('listening', { url: healthy.url })
  const acts = primaryActs({ environment, config, log, members: () => members! })
  members = openMembers({ size: config.workers, log, ...acts })
  const { first, complete, lost } = members
  const stop = async () => {
    const isInOrder = await members.end()
    await acts.carrier?.close()
    if (healthy) await closeGently(healthy)
    metrics?.close()
    if (!isInOrder) throw new Error('a worker did not end in good order')
  }
  try {
    await Promise.race([complete, lost])
  } catch (error) {
    await members.end()
    throw error
  }
  return { ...(await first), stop, lost }
}
