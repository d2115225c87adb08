import type { ReadableSpan, SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace'
import type { Log } from './log.ts'

const KEPT = 2048
const BATCH = 512
const EVERY = 5000
// The last ones, at a stop: longer than any collector nearby needs, shorter than anybody waits.
const LAST_WITHIN = 2000

/**
 * Keeps spans until the collector has them, no more than so many: what it cannot take is counted and forgotten. One batch
 * is on its way at a time, and a collector that is away is told of once.
 */
export function spanBatches(exporter: SpanExporter, log: Log) {
  const kept: ReadableSpan[] = []
  const counted = { sent: 0, dropped: 0 }
  let timer: NodeJS.Timeout | null = null
  let sending: Promise<void> | null = null
  let isAway = false

  const hand = (batch: ReadableSpan[]): Promise<boolean> =>
    new Promise((resolve) => exporter.export(batch, ({ code }) => resolve(code === 0)))

  async function send(): Promise<void> {
    const batch = kept.splice(0, BATCH)
    const arrived = await hand(batch)
    counted[arrived ? 'sent' : 'dropped'] += batch.length
    if (!arrived && !isAway)
      log.warn('tracing.lost', { advice: 'the collector does not take traces: they are dropped' })
    if (arrived && isAway) log.info('tracing.found', { dropped: counted.dropped })
    isAway = !arrived
  }

  function start(): void {
    timer = null
    if (sending || kept.length === 0) return
    sending = send().finally(() => {
      sending = null
      plan()
    })
  }

  function plan(): void {
    if (sending || kept.length === 0) return
    if (kept.length >= BATCH && !isAway) start()
    else timer ??= setTimeout(start, EVERY).unref()
  }

  async function flush(): Promise<void> {
    while (sending || kept.length > 0) {
      start()
      await sending
    }
  }

  const processor: SpanProcessor = {
    onStart() {},
    onEnd(span) {
      if (kept.length >= KEPT) counted.dropped++
      else kept.push(span)
      plan()
    },
    forceFlush: flush,
    async shutdown() {
      if (timer) clearTimeout(timer)
      const { promise: late, resolve } = Promise.withResolvers<void>()
      const giveUp = setTimeout(resolve, LAST_WITHIN)
      await Promise.race([flush(), late])
      clearTimeout(giveUp)
      void exporter.shutdown().catch(() => {})
    },
  }
  return { processor, load: () => ({ ...counted, waiting: kept.length }) }
}
