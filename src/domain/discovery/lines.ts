import type { Context } from '#src/context.ts'
import { boundedQueue } from '#src/lib/queue.ts'

type Line = ReturnType<typeof boundedQueue>

const WAITING = 512

/** Lines of single accounts, so many of whose tasks run at once: nobody has to wait for those of another. */
export function accountLines(atOnce: number) {
  const all = new WeakMap<Context['database'], Map<string, Line>>()
  /** Throws `QueueFull` when too many of the same account wait. */
  return async <T>({ database }: Context, account: string, task: () => Promise<T>): Promise<T> => {
    const lines = all.get(database) ?? new Map<string, Line>()
    all.set(database, lines)
    const line = lines.get(account) ?? boundedQueue(atOnce, WAITING)
    lines.set(account, line)
    try {
      return await line.run(task)
    } finally {
      if (line.active === 0 && line.depth === 0) lines.delete(account)
    }
  }
}
