import { createServer, type Server } from 'node:http'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Context } from './context.ts'
import type { Observe } from './http/mount.ts'

export interface Metrics {
  observe: Observe
  text(): Promise<string>
  contentType: string
  /** the same as data, for adding up those of several processes */
  shown(): Promise<Shown>
}

/** Metrics as data: what goes from one process to another of it. */
export type Shown = { name: string; type: string; help: string }[]

/** The types of the package have numbers for the types, where it has words. */
export const shownBy = async (registry: Registry): Promise<Shown> =>
  (await registry.getMetricsAsJSON()) as unknown as Shown

// What the database tells is the same for all processes of a server, and must not be counted for each of them.
const OF_HOUSE = 'max'

/** What operators watch: requests, refusals by reason, the queue of password hashes, the outbox. */
export function metrics(ctx: Context): Metrics {
  const registry = new Registry()
  if (ctx.config.metricsListen) collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const requests = new Counter({
    name: 'chatelaine_requests_total',
    help: 'Requests answered',
    labelNames: ['protocol', 'endpoint', 'status'],
    registers,
  })
  const refusals = new Counter({
    name: 'chatelaine_refusals_total',
    help: 'Requests refused, by reason',
    labelNames: ['protocol', 'reason'],
    registers,
  })
  const duration = new Histogram({
    name: 'chatelaine_request_seconds',
    help: 'Time to answer',
    labelNames: ['protocol'],
    buckets: [0.001, 0.005, 0.02, 0.05, 0.1, 0.3, 1, 3, 10],
    registers,
  })
  new Gauge({
    name: 'chatelaine_password_hashes_waiting',
    help: 'Sign-ins that wait for their password hash',
    registers,
    collect() {
      this.set(ctx.workers.passwords.depth)
    },
  })
  new Gauge({
    name: 'chatelaine_messages_queued',
    help: 'Mails and SMS that wait to be handed over',
    registers,
    aggregator: OF_HOUSE,
    async collect() {
      const { count } = await ctx.db
        .selectFrom('message')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('state', '=', 'queued')
        .executeTakeFirstOrThrow()
      this.set(Number(count))
    },
  })
  new Gauge({
    name: 'chatelaine_deliveries_queued',
    help: 'Whole messages on their way to the next hop',
    registers,
    aggregator: OF_HOUSE,
    async collect() {
      const { count } = await ctx.db
        .selectFrom('delivery')
        .select(({ fn }) => fn.countAll<number>().as('count'))
        .where('state', 'in', ['queued', 'sending', 'committing'])
        .executeTakeFirstOrThrow()
      this.set(Number(count))
    },
  })
  return {
    observe({ protocol, endpoint, status, reason, milliseconds }) {
      requests.inc({ protocol, endpoint, status })
      if (reason) refusals.inc({ protocol, reason })
      duration.observe({ protocol }, milliseconds / 1000)
      ctx.house.measures.answered({ reason, milliseconds })
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
    shown: () => shownBy(registry),
  }
}

/** Serves the metrics on a listener of their own, which should not be reachable from outside. */
export function startMetrics(
  metrics: Pick<Metrics, 'text' | 'contentType'>,
  { host, port }: { host: string; port: number },
): Promise<Server> {
  const server = createServer(async (request, response) => {
    if (request.url !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    const text = await metrics.text().catch(() => null)
    response.writeHead(text === null ? 503 : 200, { 'Content-Type': metrics.contentType }).end(text ?? '')
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve(server))
  })
}
