import { Worker } from 'node:worker_threads'
import { letGiveWay } from '../thread-priority.ts'
import { OpenPgpTimeout } from './refusals.ts'
import type { OperationName } from './types.ts'
import type { FromWorker, ToWorker } from './wire.ts'

export type WorkerHandle = {
  ready: Promise<void>
  /** One job; rejects when it takes longer than `limitMs` (from when the worker is ready) or when the worker dies. */
  run(operation: OperationName, input: unknown, limitMs: number): Promise<FromWorker>
  end(): Promise<void>
}

type Waiter = { resolve: (answer: FromWorker) => void; reject: (error: Error) => void }

/** Starts one engine thread. While it has nothing to do it does not keep the process alive. */
export function startWorker(): WorkerHandle {
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    name: 'openpgp',
    resourceLimits: { maxOldGenerationSizeMb: 512 },
  })
  const start = Promise.withResolvers<void>()
  let waiter: Waiter | null = null
  let failure: Error | null = null
  let count = 0

  function fail(error: Error): void {
    failure ??= error
    start.reject(failure)
    waiter?.reject(failure)
  }
  // Somebody may be waiting only for the job and not for the start.
  start.promise.catch(() => {})
  worker.on('error', (error) => fail(error as Error))
  worker.on('exit', () => fail(new Error('the OpenPGP worker ended')))
  worker.on('message', (message: FromWorker) => {
    if (!('ready' in message)) return waiter?.resolve(message)
    letGiveWay('openpgp')
    start.resolve()
  })

  async function run(operation: OperationName, input: unknown, limitMs: number): Promise<FromWorker> {
    if (failure) throw failure
    worker.ref()
    const answer = new Promise<FromWorker>((resolve, reject) => {
      waiter = { resolve, reject }
    })
    worker.postMessage({ id: ++count, operation, input } satisfies ToWorker)
    answer.catch(() => {})
    let timer: NodeJS.Timeout | undefined
    try {
      await start.promise
      timer = setTimeout(() => waiter?.reject(new OpenPgpTimeout(`${operation} took over ${limitMs} ms`)), limitMs)
      return await answer
    } finally {
      clearTimeout(timer)
      waiter = null
      worker.unref()
    }
  }

  async function end(): Promise<void> {
    await worker.terminate()
  }

  start.promise.then(
    () => waiter ?? worker.unref(),
    () => {},
  )
  return { ready: start.promise, run, end }
}
