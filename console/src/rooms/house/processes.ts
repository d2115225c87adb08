import type { Process, Sample } from './calls.ts'

const most = (a: number, b: number): number => Math.max(a, b)
const sum = (a: number, b: number): number => a + b

/** Two flat records of numbers as one. */
function merged<T extends object>(a: T, b: T, how: (a: number, b: number) => number): T {
  const result: Record<string, number> = { ...(a as Record<string, number>) }
  for (const [name, value] of Object.entries(b as Record<string, number>)) result[name] = how(result[name] ?? 0, value)
  return result as T
}

/** What two processes did in the same interval. What they only look at together, the outbox, is not added up. */
const joined = (a: Sample, b: Sample): Sample => ({
  ...b,
  seq: a.seq,
  signIns: merged(a.signIns, b.signIns, sum),
  requests: a.requests + b.requests,
  refusals: merged(a.refusals, b.refusals, sum),
  latency: a.latency && b.latency ? merged(a.latency, b.latency, most) : (a.latency ?? b.latency),
  eventLoop: merged(a.eventLoop, b.eventLoop, most),
  memory: merged(a.memory, b.memory, sum),
  queues: {
    messages: most(a.queues.messages, b.queues.messages),
    deliveries: most(a.queues.deliveries, b.queues.deliveries),
    passwords: merged(a.queues.passwords, b.queues.passwords, sum),
    openpgp: merged(a.queues.openpgp, b.queues.openpgp, sum),
  },
})

/** The samples of all processes as those of one. */
export function together(processes: readonly Process[], everySeconds: number): Sample[] {
  const heard = processes.filter(({ samples }) => samples.length > 0)
  if (heard.length === 1) return heard[0]!.samples
  const intervals = new Map<number, Sample>()
  for (const sample of heard.flatMap(({ samples }) => samples)) {
    const seq = Math.floor(Date.parse(sample.at) / (everySeconds * 1000))
    const there = intervals.get(seq)
    intervals.set(seq, there ? joined(there, sample) : { ...sample, seq })
  }
  return [...intervals.values()].toSorted((a, b) => a.seq - b.seq)
}

/** Several versions at work: an upgrade is under way, or was forgotten half-way. */
export const versionsOf = (processes: readonly Process[]): string[] => [
  ...new Set(processes.filter(({ gone }) => !gone).map(({ version }) => version)),
]
