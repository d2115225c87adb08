import { barOf } from '#src/import/progress.ts'

/** How far a table is. */
export interface Step {
  table: string
  /** of the table, so far */
  rows: number
  of: number
}

/** Shows how far a piece of work is that goes over all tables: a bar on a terminal, now and then a plain line elsewhere. */
export interface Progress {
  /** Another piece of work begins; `done` of `total` was there before. */
  begin(what: string, total: number, done: number): void
  /** This much more was done. */
  add(step: Step, more: { rows: number; size: number; effort: number }): void
  /** Makes room for a line, when both go to the same terminal. */
  clear(): void
}

export interface Screen {
  isTTY?: boolean
  columns?: number
  write(text: string): unknown
}

const BAR_EVERY = 100
const LINE_EVERY = 5000
const SECOND = 1000

export const grouped = (count: number): string => Math.round(count).toLocaleString('en-US')

function weighed(bytes: number): string {
  if (bytes < 1e6) return `${Math.ceil(bytes / 1e3)} kB`
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`
}

function timeOf(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / SECOND)
  const two = (part: number) => String(part).padStart(2, '0')
  return seconds < 3600
    ? `${Math.floor(seconds / 60)}:${two(seconds % 60)}`
    : `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`
}

/** `now` in milliseconds, from any start. */
export function progressOn(screen: Screen, now: () => number): Progress {
  let work = { what: '', total: 0, before: 0, began: 0 }
  let here = { rows: 0, size: 0, effort: 0 }
  let shown = Number.NEGATIVE_INFINITY
  const every = screen.isTTY ? BAR_EVERY : LINE_EVERY
  const facts = ({ table, rows, of }: Step) => {
    const time = Math.max(1, now() - work.began)
    const left = work.total - work.before - here.effort
    return {
      share: work.total === 0 ? 1 : Math.min(1, (work.before + here.effort) / work.total),
      text: `${work.what} ${table}: ${grouped(rows)} of ${grouped(of)} rows`,
      left: `${timeOf((left * time) / Math.max(1, here.effort))} left`,
      rate: `${grouped((here.rows * SECOND) / time)} rows/s`,
      size: weighed(here.size),
    }
  }
  return {
    begin(what, total, done) {
      work = { what, total, before: done, began: now() }
      here = { rows: 0, size: 0, effort: 0 }
      shown = screen.isTTY ? Number.NEGATIVE_INFINITY : now()
    },
    add(step, more) {
      here = { rows: here.rows + more.rows, size: here.size + more.size, effort: here.effort + more.effort }
      if (now() - shown < every) return
      shown = now()
      const { share, text, left, rate, size } = facts(step)
      if (!screen.isTTY) screen.write(`${text}; ${Math.floor(share * 100)} % of all, ${size}, ${rate}, ${left}\n`)
      // A bar that is wider than its terminal would leave a line behind with every step.
      else
        screen.write(
          `\r\x1b[K${[barOf(share), left, rate, size, text].join('  ').slice(0, (screen.columns || 80) - 1)}`,
        )
    },
    clear() {
      if (screen.isTTY) screen.write('\r\x1b[K')
    },
  }
}
