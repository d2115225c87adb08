import { AggregatorRegistry, Registry } from 'prom-client'
import { type Shown, shownBy } from '../metrics.ts'
import type { OwnMetrics } from './words.ts'

const isCounted = ({ type }: Shown[number]): boolean => ['counter', 'histogram'].includes(type)

/**
 * Adds up the metrics of all workers, each by the rule that it was declared with (`aggregator`). What one counted that is
 * gone stays in the sum, as far as it was seen: a counter that falls would be taken for one that began again.
 */
export function sums() {
  const lastSeen = new Map<number, Shown>()
  let past: Shown = []
  return {
    contentType: Registry.PROMETHEUS_CONTENT_TYPE,
    /** `living` are the ids of the processes; one that does not answer counts with what was seen of it last. */
    async text(told: readonly OwnMetrics[], living: readonly number[]): Promise<string> {
      for (const { pid, shown } of told) lastSeen.set(pid, shown)
      for (const [pid, shown] of lastSeen) {
        if (living.includes(pid)) continue
        lastSeen.delete(pid)
        past = await shownBy(AggregatorRegistry.aggregate([past, shown.filter(isCounted)]))
      }
      return AggregatorRegistry.aggregate([past, ...lastSeen.values()]).metrics()
    },
  }
}
