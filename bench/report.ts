import { median } from './load.ts'

/** Told of every figure: what it is, its value, the target in words, whether it holds, and what stands beside it. */
export type Report = (what: string, value: number, target: string, holds: boolean, beside: string) => void

interface Row {
  what: string
  value: string
  target: string
  holds: boolean
}

const rows: Row[] = []

const mark = (holds: boolean): string => (holds ? '✔' : '✘')

export const report: Report = (what, value, target, holds, beside) => {
  rows.push({ what, value: `${value.toFixed(2)} (${beside})`, target, holds })
  console.log(`  ${mark(holds)} ${what}: ${value.toFixed(2)}, target ${target} (${beside})`)
}

/** Everything that was reported, as a table; and where to read on when something was missed. */
export function printTable(): void {
  if (rows.length === 0) return
  console.log('\n| what | measured | target | |\n|---|---|---|---|')
  for (const { what, value, target, holds } of rows) console.log(`| ${what} | ${value} | ${target} | ${mark(holds)} |`)
  if (rows.some(({ holds }) => !holds))
    console.log('\nA target was missed: docs/performance.md says by how much, and why.')
}

/** From the least to the most of all rounds. */
export const spread = (values: readonly number[], places = 2): string =>
  `${Math.min(...values).toFixed(places)} to ${Math.max(...values).toFixed(places)}`

/** What one series is to another that was measured in turn with it: the median of the rounds' ratios, and their spread. */
export function ratioOf(own: readonly number[], other: readonly number[]): { value: number; rounds: string } {
  const ratios = own.map((one, round) => one / other[round]!)
  return { value: median(ratios), rounds: `the rounds ${spread(ratios)}` }
}
