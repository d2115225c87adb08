import type { Sample } from './calls.ts'
import type house from './words/en.ts'

type Word = keyof (typeof house)['figures']

/** A line of a chart. */
export interface Line {
  name: Word
  of(sample: Sample): number | null
  tone: 'plain' | 'bad' | 'quiet'
}

export interface Figure {
  name: Word
  unit: 'count' | 'ms' | 'bytes'
  /** are the values of several intervals added up, or is the greatest of them told? */
  sums: boolean
  lines: readonly Line[]
}

const refused = ({ refusals }: Sample): number => Object.values(refusals).reduce((sum, count) => sum + count, 0)

/** What the overview shows. */
export const mainFigures: readonly Figure[] = [
  {
    name: 'signIns',
    unit: 'count',
    sums: true,
    lines: [
      { name: 'done', tone: 'plain', of: ({ signIns }) => signIns.done },
      { name: 'failed', tone: 'bad', of: ({ signIns }) => signIns.failed },
    ],
  },
  { name: 'refusals', unit: 'count', sums: true, lines: [{ name: 'refused', tone: 'bad', of: refused }] },
  {
    name: 'mail',
    unit: 'count',
    sums: false,
    lines: [
      { name: 'messages', tone: 'plain', of: ({ queues }) => queues.messages },
      { name: 'deliveries', tone: 'quiet', of: ({ queues }) => queues.deliveries },
    ],
  },
  {
    name: 'latency',
    unit: 'ms',
    sums: false,
    lines: [
      { name: 'median', tone: 'plain', of: ({ latency }) => latency?.median ?? null },
      { name: 'p95', tone: 'quiet', of: ({ latency }) => latency?.p95 ?? null },
      { name: 'p99', tone: 'bad', of: ({ latency }) => latency?.p99 ?? null },
    ],
  },
]

/** What else the page about the system shows. */
export const furtherFigures: readonly Figure[] = [
  {
    name: 'requests',
    unit: 'count',
    sums: true,
    lines: [{ name: 'asked', tone: 'plain', of: ({ requests }) => requests }],
  },
  {
    name: 'passwords',
    unit: 'count',
    sums: false,
    lines: [
      { name: 'running', tone: 'plain', of: ({ queues }) => queues.passwords.running },
      { name: 'waiting', tone: 'bad', of: ({ queues }) => queues.passwords.waiting },
    ],
  },
  {
    name: 'openpgp',
    unit: 'count',
    sums: false,
    lines: [
      { name: 'running', tone: 'plain', of: ({ queues }) => queues.openpgp.running },
      { name: 'waiting', tone: 'bad', of: ({ queues }) => queues.openpgp.waiting },
    ],
  },
  {
    name: 'eventLoop',
    unit: 'ms',
    sums: false,
    lines: [
      { name: 'median', tone: 'plain', of: ({ eventLoop }) => eventLoop.median },
      { name: 'p99', tone: 'bad', of: ({ eventLoop }) => eventLoop.p99 },
    ],
  },
  {
    name: 'memory',
    unit: 'bytes',
    sums: false,
    lines: [
      { name: 'resident', tone: 'plain', of: ({ memory }) => memory.resident },
      { name: 'heap', tone: 'quiet', of: ({ memory }) => memory.heap },
    ],
  },
]

/** A value with its unit, in few characters. */
export function written(value: number | null, unit: Figure['unit'], language: string): string {
  if (value === null) return '–'
  if (unit === 'bytes')
    return `${new Intl.NumberFormat(language, { maximumFractionDigits: 0 }).format(value / 1_048_576)} MiB`
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: value < 10 ? 1 : 0 }).format(value)
  return unit === 'ms' ? `${number} ms` : number
}

/** Several values as one: their sum, or the greatest of them; null where there is none. */
export function together(values: readonly (number | null)[], { sums }: Pick<Figure, 'sums'>): number | null {
  const known = values.filter((value) => value !== null)
  if (known.length === 0) return null
  return sums ? known.reduce((sum, value) => sum + value, 0) : Math.max(...known)
}
