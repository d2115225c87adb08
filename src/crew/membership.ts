import type { Carrier } from '#src/drivers/carrier.ts'
import { callCounts } from '#src/http/limits.ts'
import { type Resources, resourcesInUse } from '#src/lib/resources.ts'
import { reloadParts } from '../domain/operating.ts'
import type { Crew } from './crew.ts'
import type { Other } from './wire.ts'
import type { Begin, PrimaryActs, WorkerActs } from './words.ts'

const NOTHING: Resources = {
  realMemory: 0,
  virtualMemory: 0,
  openFiles: 0,
  peakRealMemory: 0,
  peakVirtualMemory: 0,
}

const added = (a: Resources, b: Resources): Resources => ({
  realMemory: a.realMemory + b.realMemory,
  virtualMemory: a.virtualMemory + b.virtualMemory,
  openFiles: a.openFiles + b.openFiles,
  peakRealMemory: a.peakRealMemory + b.peakRealMemory,
  peakVirtualMemory: a.peakVirtualMemory + b.peakVirtualMemory,
})

/** What makes a server a member of a crew, and what the primary may ask of it then. */
export function membership(primary: Other<PrimaryActs>, { number, size, started }: Begin) {
  const whenEnded: (() => void)[] = []
  /** The carrier is the primary's: one for all. */
  const carrier: Carrier = {
    look: (now) => primary.tell('look', now),
    whenEnded: (listener) => void whenEnded.push(listener),
    close: async () => {},
  }
  const nothing = async () => {}
  const acts: Pick<WorkerActs, 'reload' | 'resources' | 'metrics' | 'deliveryEnded'> = {
    reload: nothing,
    resources: () => resourcesInUse(),
    metrics: async () => ({ pid: process.pid, shown: [] }),
    deliveryEnded() {
      for (const listener of whenEnded) listener()
    },
  }
  const crew: Crew = {
    number,
    size,
    join(ctx, metrics) {
      const own = callCounts()
      const { house, carriers } = ctx
      house.started = started
      // What is too much for one of us alone is too much for all: a flood does not get as far as the primary.
      house.mayCall = async (place, key, most) => {
        const now = ctx.clock.now()
        return own(place, key, most, now) && primary.ask('mayCall', { place, key, most, now })
      }
      house.reload = (parts) => primary.ask('reload', parts)
      house.resources = async () => (await primary.ask('resources', null)).reduce(added, NOTHING)
      if (carriers.carrier) carriers.carrier = carrier
      acts.reload = (parts) => reloadParts(ctx, parts)
      acts.metrics = async () => ({ pid: process.pid, shown: await metrics.shown() })
    },
  }
  return { crew, acts }
}
