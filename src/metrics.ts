import { createServer, type Server } from 'node:http'
import { collectDefaultMetrics, Registry } from 'prom-client'
import type { Context } from './context.ts'
import type { Observe } from './http/mount.ts'
import { meterDatabase } from './watching/database.ts'
import { metricsOf } from './watching/kinds.ts'
import { meterOutbox } from './watching/outbox.ts'
import { meterProcess } from './watching/process.ts'
import { meterRequests } from './watching/requests.ts'
import { meterWork } from './watching/work.ts'

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

/** What operators watch. docs/watching.md says what to do about it; docs/grafana has a dashboard and alerts. */
export function metrics(ctx: Context): Metrics {
  const registry = new Registry()
  if (ctx.config.metricsListen) collectDefaultMetrics({ register: registry })
  const meter = metricsOf(registry)
  const observe = meterRequests(ctx, meter)
  meterWork(ctx, meter)
  meterDatabase(ctx, meter)
  meterOutbox(ctx, meter)
  meterProcess(ctx, meter)
  return {
    observe,
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
    if (text === null) response.writeHead(503, { 'Retry-After': '2' }).end()
    else response.writeHead(200, { 'Content-Type': metrics.contentType }).end(text)
  })
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve(server))
  })
}
