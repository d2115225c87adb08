import cluster, { type Worker } from 'node:cluster'
import { fileURLToPath } from 'node:url'
import { minutes, seconds } from '#src/lib/clock.ts'
import type { Log } from '#src/lib/log.ts'
import { PlainWords } from '../running.ts'
import { saveUnaccepted } from './unaccepted.ts'
import { type Other, wire } from './wire.ts'
import type { PrimaryActs, Ready, WorkerActs } from './words.ts'

/** A worker process, as the primary has it. */
export interface Member {
  readonly number: number
  readonly pid: number | undefined
  readonly other: Other<WorkerActs>
  /** it has heard how to begin, and hears what is said to all from then on */
  hasBegun: boolean
  /** monotonic milliseconds when it listened; null before */
  readySince: number | null
  isWatching: boolean
  /** why it could not start */
  words: string | null
}

interface Wanted {
  size: number
  log: Log
  /** what a member may ask */
  actsFor(member: Member): Omit<PrimaryActs, 'ready' | 'failed'>
  /** called when a member has gone that others may have counted on */
  left(member: Member): void
}

export interface Members {
  all(): Iterable<Member>
  /** the one that does what one alone has to do listens */
  readonly first: Promise<Ready>
  /** all listen */
  readonly complete: Promise<void>
  /** rejects with `PlainWords` when no start succeeds any more */
  readonly lost: Promise<never>
  /** Ends all of them; answers whether they ended in good order. */
  end(): Promise<boolean>
}

const LIVED = minutes(1)
const FIRST_PAUSE = 250
const LONGEST_PAUSE = seconds(30)

const main = fileURLToPath(new URL('./worker-main.mjs', import.meta.url))

/** Runs the workers: one that ends is started again, at once when it had lived, else after a growing pause. */
export function openMembers({ size, log, actsFor, left }: Wanted): Members {
  // Connections go round: with the few that live long which proxies hold, each worker has as many as the others, and what
  // is not yet accepted belongs to none of them.
  cluster.schedulingPolicy = cluster.SCHED_RR
  cluster.setupPrimary({ exec: main, args: [], serialization: 'advanced' })
  const members = new Map<number, Member>()
  const deaths = new Map<number, number>()
  const timers = new Set<NodeJS.Timeout>()
  const first = Promise.withResolvers<Ready>()
  const complete = Promise.withResolvers<void>()
  const lost = Promise.withResolvers<never>()
  const ended = Promise.withResolvers<void>()
  for (const { promise } of [first, complete, lost]) promise.catch(() => {})
  let isEnding = false
  let isInOrder = true

  const areReady = () => [...members.values()].filter(({ readySince }) => readySince !== null).length

  function ready(member: Member, facts: Ready): void {
    member.readySince = performance.now()
    log.info('worker.ready', { worker: member.number, pid: member.pid })
    first.resolve(facts)
    if (areReady() === size) complete.resolve()
  }

  function pauseOf({ number, readySince }: Member): number {
    const hasLived = readySince !== null && performance.now() - readySince >= LIVED
    const before = hasLived ? 0 : (deaths.get(number) ?? 0)
    deaths.set(number, before + 1)
    return before === 0 ? 0 : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** before)
  }

  function gone(member: Member, how: { code: number | null; signal: string | null }): void {
    const { number, pid, words, readySince } = member
    members.delete(number)
    left(member)
    if (isEnding) {
      if (how.code !== 0) isInOrder = false
      if (members.size === 0) ended.resolve()
      return
    }
    if (readySince === null && areReady() === 0) {
      lost.reject(new PlainWords(words ?? `A worker ended before it listened (${how.signal ?? how.code}).`))
      return
    }
    const pause = pauseOf(member)
    log.error('worker.ended', { worker: number, pid, ...how, words: words ?? undefined, againIn: pause })
    const timer = setTimeout(() => {
      timers.delete(timer)
      start(number)
    }, pause)
    timers.add(timer)
  }

  function start(number: number): void {
    const worker: Worker = cluster.fork()
    // What Node's own --watch hears of the files that are in use goes on to it.
    const stray = (message: unknown) => void process.send?.(message)
    const member: Member = {
      number,
      pid: worker.process.pid,
      hasBegun: false,
      readySince: null,
      isWatching: false,
      words: null,
      get other() {
        return other
      },
    }
    const other = wire<WorkerActs>(
      worker,
      {
        ...actsFor(member),
        ready: (facts: Ready) => ready(member, facts),
        failed(words: string) {
          member.words = words
        },
      },
      stray,
    )
    members.set(number, member)
    saveUnaccepted(worker, () => [...members.values()].some((one) => one !== member && one.readySince !== null))
    // A start that does not come about says so by this, and by its end.
    worker.on('error', (error) => log.error('worker.fault', { worker: number, error }))
    worker.process.once('exit', (code, signal) => gone(member, { code, signal }))
  }

  for (let number = 1; number <= size; number++) start(number)
  return {
    all: () => members.values(),
    first: first.promise,
    complete: complete.promise,
    lost: lost.promise,
    async end() {
      isEnding = true
      for (const timer of timers) clearTimeout(timer)
      for (const { other } of members.values()) other.tell('end', null)
      if (members.size > 0) await ended.promise
      return isInOrder
    },
  }
}
