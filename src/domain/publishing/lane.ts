import type { Context } from '#src/context.ts'
import { boundedQueue } from '#src/lib/queue.ts'

// Those who do not sign in never have more than one of the engine's threads; and so many of them may wait for it.
const AT_ONCE = 1
const WAITING = 16

const lanes = new WeakMap<Context['database'], ReturnType<typeof boundedQueue>>()

/** Work of the engine that anybody can ask for; throws `QueueFull` when too many do. Not for use within itself. */
export function inPublicLane<T>({ database }: Context, work: () => Promise<T>): Promise<T> {
  const lane = lanes.get(database) ?? boundedQueue(AT_ONCE, WAITING)
  lanes.set(database, lane)
  return lane.run(work)
}
