import { QueueFull } from './queue.ts'

interface Waiting {
  bytes: number
  who: string
  admit: () => void
}

/**
 * Bytes that may be in hand at once. `take` waits in line until there is room, at most `patience` milliseconds, and answers
 * what gives it back; who asks for more than there is at all gets everything. Nobody has more than half of it while others
 * could want some: what his next ones need, he waits for without holding up the others. `QueueFull` when too many wait, or
 * too many of one (`ofOne`), or when it took too long.
 */
export function byteBudget({
  total,
  waiting,
  ofOne = waiting,
  patience,
}: {
  total: number
  waiting: number
  ofOne?: number
  patience: number
}) {
  const line: Waiting[] = []
  const taken = new Map<string, number>()
  let inHand = 0

  const mayHave = ({ bytes, who }: Waiting): boolean => {
    const his = taken.get(who) ?? 0
    return his === 0 || his + bytes <= total / 2
  }

  function admitNext(): void {
    for (const one of [...line]) {
      if (!mayHave(one)) continue
      // The first who may have it: smaller ones behind him would keep a large one waiting for ever.
      if (inHand > 0 && inHand + one.bytes > total) return
      line.splice(line.indexOf(one), 1)
      inHand += one.bytes
      taken.set(one.who, (taken.get(one.who) ?? 0) + one.bytes)
      one.admit()
    }
  }

  function giveBack({ bytes, who }: Waiting): void {
    inHand -= bytes
    const left = taken.get(who)! - bytes
    if (left > 0) taken.set(who, left)
    else taken.delete(who)
    admitNext()
  }

  async function take(asked: number, who: string): Promise<() => void> {
    const his = line.filter((one) => one.who === who).length
    if (line.length >= waiting || his >= ofOne) throw new QueueFull('too many wait for room')
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const one: Waiting = { bytes: Math.min(asked, total), who, admit: resolve }
    line.push(one)
    const timer = setTimeout(() => {
      line.splice(line.indexOf(one), 1)
      reject(new QueueFull('no room in time'))
      admitNext()
    }, patience)
    admitNext()
    try {
      await promise
    } finally {
      clearTimeout(timer)
    }
    let isHeld = true
    return () => {
      if (isHeld) giveBack(one)
      isHeld = false
    }
  }

  return {
    take,
    /** how many wait */
    get depth() {
      return line.length
    },
  }
}
