/** Shows how far a long piece of work is: a bar on a terminal, now and then a plain line elsewhere. */
export interface Progress {
  at(what: string, done: number, total: number): void
  /** Makes room for a line of the report, when both go to the same terminal. */
  clear(): void
}

interface Screen {
  isTTY?: boolean
  write(text: string): unknown
}

const WIDTH = 30
const BAR_EVERY = 100
const LINE_EVERY = 5000

export const barOf = (share: number): string => {
  const full = Math.round(share * WIDTH)
  return `[${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}] ${String(Math.floor(share * 100)).padStart(3)} %`
}

/** `now` in milliseconds, from any start. */
export function progressOn(screen: Screen, now: () => number): Progress {
  let shown = Number.NEGATIVE_INFINITY
  const isDue = (every: number, done: number, total: number): boolean => {
    if (done < total && now() - shown < every) return false
    shown = now()
    return true
  }
  if (!screen.isTTY)
    return {
      at(what, done, total) {
        if (isDue(LINE_EVERY, done, total)) screen.write(`${what}: ${done} of ${total}\n`)
      },
      clear() {},
    }
  return {
    at(what, done, total) {
      if (!isDue(BAR_EVERY, done, total)) return
      const share = total === 0 ? 1 : Math.min(1, done / total)
      screen.write(`\r\x1b[K${barOf(share)}  ${what}: ${done} of ${total}${done < total ? '' : '\n'}`)
    },
    clear: () => screen.write('\r\x1b[K'),
  }
}
