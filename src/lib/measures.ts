import { createHistogram, monitorEventLoopDelay } from 'node:perf_hooks'

/** Milliseconds between two samples, and how many are kept: a quarter of an hour. */
export const SAMPLE_EVERY = 5000
export const KEPT = 180

/** How much waits, and how much is in hand. */
export interface Queues {
  messages: number
  deliveries: number
  passwords: { waiting: number; running: number }
  openpgp: { waiting: number; running: number; size: number }
}

/** What happened within one interval, and how things stood at its end. */
export interface Sample {
  /** counts up from 1 while the process lives */
  seq: number
  /** epoch milliseconds */
  at: number
  signIns: { done: number; failed: number }
  requests: number
  /** how often each reason to refuse was given */
  refusals: Record<string, number>
  /** milliseconds until the answer; null where nothing was asked */
  latency: { median: number; p95: number; p99: number } | null
  /** milliseconds that whatever was due had to wait for its turn */
  eventLoop: { median: number; p99: number }
  /** bytes */
  memory: { resident: number; heap: number }
  queues: Queues
}

/** How a job fared since the start. Times are milliseconds. */
export interface JobFigures {
  /** epoch milliseconds of its last end; 0 before the first */
  ended: number
  /** how long its last run took */
  took: number
  runs: number
  failures: number
  tookInAll: number
}

/** What only ever counts up while the process lives, or says how much is in hand; plain numbers, for the busiest paths. */
export interface Tallies {
  /** questions answered from memory before the framework */
  hot: number
  /** files and pages of the console */
  files: number
  /** bytes of large bodies in hand */
  largeBodies: number
}

/** What this process measures of itself, for as long as it is worth looking at. */
export interface Measures {
  readonly tallies: Tallies
  readonly jobs: ReadonlyMap<string, Readonly<JobFigures>>
  /** How often what is of interest was written to the record, by event and protocol. */
  readonly happenings: ReadonlyMap<string, ReadonlyMap<string, number>>
  /** Counts what was written to the record. */
  happened(event: string, protocol: string): void
  /** Counts a run of a job. */
  ran(job: string, run: { at: number; took: number; failed: boolean }): void
  /** Counts an answer. `reason`: why it was a refusal; empty when it was none. */
  answered(seen: { reason: string; milliseconds: number }): void
  /** Ends an interval. */
  take(at: number, queues: Queues): Sample
  /** the newest sample; null before the first */
  latest(): Sample | null
  /** The samples behind one, the oldest first; all of them when that one is not of this process. */
  after(seq: number): readonly Sample[]
}

/** What is counted of the record. */
const COUNTED = ['sign-in.done', 'sign-in.failed', 'sign-in.challenged', 'second-step.failed'] as const

const LONGEST_MICROSECONDS = 600_000_000

const milliseconds = (value: number, unit: number): number => Math.round((value / unit) * 100) / 100

export function openMeasures(): Measures {
  const samples: Sample[] = []
  const latency = createHistogram({ lowest: 1, highest: LONGEST_MICROSECONDS, figures: 2 })
  let delay: ReturnType<typeof monitorEventLoopDelay> | null = null
  let seq = 0
  let requests = 0
  let done = 0
  let failed = 0
  let refusals: Record<string, number> = {}
  let tallied = 0
  const tallies: Tallies = { hot: 0, files: 0, largeBodies: 0 }
  const jobs = new Map<string, JobFigures>()
  const happenings = new Map<string, Map<string, number>>(COUNTED.map((event) => [event, new Map()]))

  function delays(): Sample['eventLoop'] {
    // Only where somebody takes samples: commands of the support desk have measures, too, and nobody reads them.
    if (!delay) {
      delay = monitorEventLoopDelay({ resolution: 10 })
      delay.enable()
      return { median: 0, p99: 0 }
    }
    // It counts the ten milliseconds that it meant to sleep.
    const over = (percent: number) => Math.max(0, milliseconds(delay!.percentile(percent), 1e6) - 10)
    const found = { median: over(50), p99: over(99) }
    delay.reset()
    return found
  }

  return {
    tallies,
    jobs,
    happenings,
    happened(event, protocol) {
      const counts = happenings.get(event)
      counts?.set(protocol, (counts.get(protocol) ?? 0) + 1)
      if (event === 'sign-in.done') done++
      if (event === 'sign-in.failed') failed++
    },
    ran(job, { at, took, failed }) {
      const known = jobs.get(job) ?? { runs: 0, failures: 0, tookInAll: 0 }
      const { runs, failures, tookInAll } = known
      const figures = { runs: runs + 1, failures: failures + Number(failed), tookInAll: tookInAll + took }
      jobs.set(job, { ended: at, took, ...figures })
    },
    answered({ reason, milliseconds }) {
      requests++
      latency.record(Math.min(LONGEST_MICROSECONDS, Math.max(1, Math.round(milliseconds * 1000))))
      if (reason) refusals[reason] = (refusals[reason] ?? 0) + 1
    },
    take(at, queues) {
      const { rss: resident, heapUsed: heap } = process.memoryUsage()
      const within = (percent: number) => milliseconds(latency.percentile(percent), 1000)
      const swift = tallies.hot + tallies.files - tallied
      tallied += swift
      const sample: Sample = {
        seq: ++seq,
        at,
        signIns: { done, failed },
        requests: requests + swift,
        refusals,
        latency: requests > 0 ? { median: within(50), p95: within(95), p99: within(99) } : null,
        eventLoop: delays(),
        memory: { resident, heap },
        queues,
      }
      samples.push(sample)
      if (samples.length > KEPT) samples.shift()
      latency.reset()
      requests = done = failed = 0
      refusals = {}
      return sample
    },
    latest: () => samples.at(-1) ?? null,
    after(known) {
      return known > seq ? samples : samples.filter((sample) => sample.seq > known)
    },
  }
}
