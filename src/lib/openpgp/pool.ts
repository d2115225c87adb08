import { pace } from '../pace.ts'
import { type Tell, timed } from '../watch.ts'
import { OpenPgpRefusal, OpenPgpTimeout, PoolBusy, PoolClosed } from './refusals.ts'
import type { OperationName, Operations } from './types.ts'
import type { FromWorker } from './wire.ts'
import { startWorker, type WorkerHandle } from './worker-handle.ts'

export type PoolOptions = {
  /** Worker threads at most. */
  size: number
  /** Jobs that may wait while all workers are at work. */
  queueLimit: number
  /** Milliseconds a job may run, waiting not counted: `quick` 5000, `bulk` 60 000 unless told. */
  timeoutMs?: { quick?: number; bulk?: number }
  log?: (event: string, facts: Record<string, unknown>) => void
  /** Hears how long each job waited and took. */
  tell?: Tell | undefined
}

export type OpenPgpPool = Operations & {
  /** Starts one worker ahead, so that the first job need not wait for it. */
  warm(): Promise<void>
  /** Whether nothing runs or waits, so that what is not urgent may be done. */
  isIdle(): boolean
  /** How many jobs wait, how many workers are at work, and how many there may be. */
  load(): { waiting: number; running: number; size: number }
  /** Ends all workers; jobs that wait or run are refused with `PoolClosed`. */
  close(): Promise<void>
}

type Speed = 'quick' | 'bulk'
type Job = {
  operation: OperationName
  input: unknown
  begin: () => void
  resolve: (value: unknown) => void
  reject: (error: Error) => void
}

/** How long each operation may take: quick ones read small input that a stranger may have made. */
const speeds = {
  generate: 'bulk',
  inspect: 'quick',
  unlock: 'bulk',
  exportLocked: 'bulk',
  prepare: 'bulk',
  setExpiry: 'quick',
  rotateSubkey: 'quick',
  applyRevocation: 'quick',
  publishable: 'quick',
  forAddress: 'quick',
  minimal: 'quick',
  pictures: 'quick',
  encryptWithPassword: 'bulk',
  decryptWithPassword: 'bulk',
  merge: 'quick',
  addUserId: 'quick',
  revoke: 'quick',
  certifications: 'quick',
  encrypt: 'bulk',
  decrypt: 'bulk',
  sealFile: 'bulk',
  openFile: 'bulk',
  signDetached: 'bulk',
  verifyDetached: 'bulk',
  verifyCleartext: 'bulk',
  sealMail: 'bulk',
  signMail: 'bulk',
  formatOfMail: 'bulk',
  openMail: 'bulk',
  viewMail: 'quick',
  wholeViewOfMail: 'quick',
  partOfMail: 'quick',
} as const satisfies Record<OperationName, Speed>

/**
 * The OpenPGP engine behind a few worker threads, which start with the first job. Inputs are copied, so the caller's
 * buffers stay its own, but for those in shared memory, which must not change until the job is done, and which the
 * operations on files write over. Large results move. Every method throws `OpenPgpRefusal` for an expected no,
 * `PoolBusy` when the queue is full, `OpenPgpTimeout` when the job ran too long (its worker is ended and replaced) and
 * `PoolClosed`.
 */
export function openPgpPool({ size, queueLimit, timeoutMs = {}, log = () => {}, tell }: PoolOptions): OpenPgpPool {
  const limits: Record<Speed, number> = { quick: timeoutMs.quick ?? 5000, bulk: timeoutMs.bulk ?? 60_000 }
  const queue: Job[] = []
  const idle: WorkerHandle[] = []
  const all = new Set<WorkerHandle>()
  const jobs = pace()
  let isClosed = false

  function take(): WorkerHandle | undefined {
    const worker = idle.pop()
    if (worker || all.size >= size) return worker
    const started = startWorker()
    all.add(started)
    return started
  }

  function next(): void {
    while (queue.length > 0) {
      const worker = take()
      if (!worker) return
      void run(worker, queue.shift()!)
    }
  }

  async function run(worker: WorkerHandle, job: Job): Promise<void> {
    const limit = limits[speeds[job.operation]]
    const begun = performance.now()
    job.begin()
    try {
      settle(job, await worker.run(job.operation, job.input, limit))
      idle.push(worker)
    } catch (error) {
      all.delete(worker)
      void worker.end()
      if (error instanceof OpenPgpTimeout) log('openpgp.timeout', { operation: job.operation, limit })
      job.reject(isClosed ? new PoolClosed() : (error as Error))
    }
    jobs.note(performance.now() - begun)
    next()
  }

  function submit(operation: OperationName, input: unknown, begin = () => {}): Promise<unknown> {
    if (isClosed) return Promise.reject(new PoolClosed())
    const isFull = idle.length === 0 && all.size >= size && queue.length >= queueLimit
    if (isFull) return Promise.reject(new PoolBusy(jobs.secondsFor(queue.length + 1, size)))
    return new Promise((resolve, reject) => {
      queue.push({ operation, input, begin, resolve, reject })
      next()
    })
  }

  async function warm(): Promise<void> {
    if (isClosed || all.size > 0) return
    const worker = take()!
    try {
      await worker.ready
      idle.push(worker)
    } catch (error) {
      all.delete(worker)
      if (!isClosed) throw error
    }
    next()
  }

  async function close(): Promise<void> {
    isClosed = true
    for (const job of queue.splice(0)) job.reject(new PoolClosed())
    await Promise.all([...all].map((worker) => worker.end()))
  }

  const names = Object.keys(speeds) as OperationName[]
  const methods = Object.fromEntries(
    names.map((name) => [
      name,
      (input: unknown) =>
        tell ? timed(tell, { of: 'openpgp', name }, (begin) => submit(name, input, begin)) : submit(name, input),
    ]),
  )
  const isIdle = () => !isClosed && queue.length === 0 && idle.length === all.size
  const load = () => ({ waiting: queue.length, running: all.size - idle.length, size })
  return { ...(methods as unknown as Operations), warm, isIdle, load, close }
}

function settle(job: Job, answer: FromWorker): void {
  if ('value' in answer) {
    job.resolve(answer.value)
  } else if ('refusal' in answer) {
    const { reason, detail, recipient } = answer.refusal
    job.reject(new OpenPgpRefusal(reason, detail, recipient))
  } else if ('fault' in answer) {
    job.reject(Object.assign(new Error(answer.fault.message), { stack: answer.fault.stack }))
  }
}
