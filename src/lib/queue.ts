import { pace } from './pace.ts'

/** Thrown when a bounded queue is full: the caller should ask again after `retryAfter` seconds. */
export class QueueFull extends Error {
  readonly retryAfter: number
  constructor(message: string, retryAfter = 1) {
    super(message)
    this.retryAfter = retryAfter
  }
}

/**
 * Runs at most `width` tasks at once; up to `bound` more wait, the next is turned away with `QueueFull`, which says when
 * those before it will be through.
 */
export function boundedQueue(width: number, bound: number) {
  let running = 0
  const waiting: (() => void)[] = []
  const tasks = pace()
  // A place goes from hand to hand: given up first, somebody who comes just then could take it as well.
  const next = () => {
    const first = waiting.shift()
    if (first) first()
    else running--
  }
  return {
    async run<T>(task: () => Promise<T>): Promise<T> {
      if (running >= width) {
        if (waiting.length >= bound) throw new QueueFull('queue is full', tasks.secondsFor(waiting.length + 1, width))
        await new Promise<void>((resolve) => waiting.push(resolve))
      } else running++
      const begun = performance.now()
      try {
        return await task()
      } finally {
        tasks.note(performance.now() - begun)
        next()
      }
    },
    /** how many wait */
    get depth() {
      return waiting.length
    },
    /** how many run */
    get active() {
      return running
    },
  }
}
