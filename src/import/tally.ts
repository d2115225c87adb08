import type { People } from './source.ts'

export const parts = ['avatars', 'preferences', 'API keys', 'second steps'] as const
export type Part = (typeof parts)[number]

interface Count {
  found: number
  taken: number
  here: number
  left: number
}

/** What became of the rows; each that was left out was named when it happened. */
export interface Tally {
  people: Record<People, Count>
  parts: Record<Part, { taken: number; left: number }>
  /** accounts that were taken over without something of their own row */
  incomplete: number
}

export const emptyTally = (): Tally => ({
  people: { user: { found: 0, taken: 0, here: 0, left: 0 }, subscriber: { found: 0, taken: 0, here: 0, left: 0 } },
  parts: Object.fromEntries(parts.map((part) => [part, { taken: 0, left: 0 }])) as Tally['parts'],
  incomplete: 0,
})

export const isWhole = ({ people, parts, incomplete }: Tally): boolean =>
  incomplete === 0 && [...Object.values(people), ...Object.values(parts)].every(({ left }) => left === 0)

const HEAD = ['', 'found', 'taken over', 'already here', 'left out']

/** The tally as a table, for people. */
export function tableOf({ people, parts }: Tally, isDry: boolean): string {
  const numbers = (...counts: (number | null)[]) => counts.map((count) => (count === null ? '' : String(count)))
  const lines = [
    isDry ? HEAD.map((word) => word.replace('taken over', 'to take over')) : HEAD,
    ...Object.entries(people).map(([who, { found, taken, here, left }]) => [
      `${who}s`,
      ...numbers(found, taken, here, left),
    ]),
    ...Object.entries(parts).map(([part, { taken, left }]) => [part, ...numbers(null, taken, null, left)]),
  ]
  const widths = HEAD.map((_, place) => Math.max(...lines.map((line) => line[place]!.length)))
  return lines
    .map((line) =>
      line.map((word, place) => (place ? word.padStart(widths[place]!) : word.padEnd(widths[0]!))).join('  '),
    )
    .map((line) => line.trimEnd())
    .join('\n')
}
