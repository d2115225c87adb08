/** Thrown when a bounded queue is full: the caller should ask again after `retryAfter` seconds. */
export class QueueFull extends Error {
  retryAfter = 1
}

/** Runs at most `width` tasks at once; up to `bound` more wait, the next is turned away with `QueueFull`. */
export function boundedQueue(width: number, bound: number) {
  let running = 0
  const waiting: (() => void)[] = []
  const next = () => {
    running--
    waiting.shift()?.()
  }
  return {
    async run<T>(task: () => Promise<T>): Promise<T> {
      if (running >= width) {
        if (waiting.length >= bound) throw new QueueFull('queue is full')
        await new Promise<void>((resolve) => waiting.push(resolve))
      }
      running++
      try {
        return await task()
      } finally {
        next()
      }
    },
    get depth() {
      return waiting.length
    },
    get active() {
      return running
    },
  }
}
