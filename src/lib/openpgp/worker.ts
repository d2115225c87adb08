import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { parentPort } from 'node:worker_threads'
import { engine } from './engine.ts'
import { messageOf, OpenPgpRefusal } from './refusals.ts'
import type { FromWorker, ToWorker } from './wire.ts'

const port = parentPort
if (!port) throw new Error('runs only as a worker thread')

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void
// Above this, what a job leaves behind is worth the time to collect it.
const MUCH = 4 * 1024 * 1024

port.on('message', async ({ id, operation, input }: ToWorker) => {
  const bytes = bytesIn(input)
  const answer = await run(id, operation, input)
  port.postMessage(answer, 'value' in answer ? buffersOf(answer.value) : [])
  // Shared memory is not counted by the collector, and an idle thread would hold it for ever.
  if (bytes > MUCH) setImmediate(collect)
})
port.postMessage({ ready: true } satisfies FromWorker)

const bytesIn = (input: unknown): number =>
  Object.values(input as object).reduce((sum, part) => sum + (part instanceof Uint8Array ? part.byteLength : 0), 0)

async function run(id: number, operation: ToWorker['operation'], input: unknown): Promise<FromWorker> {
  try {
    const work = engine[operation] as (input: unknown) => Promise<unknown>
    return { id, value: await work(input) }
  } catch (error) {
    if (error instanceof OpenPgpRefusal) return { id, refusal: error.toPlain() }
    return { id, fault: { message: messageOf(error), stack: error instanceof Error ? error.stack : undefined } }
  }
}

/**
 * Big results move instead of being copied. A small one may lie in memory that Node shares between many, and a view of
 * a part would take the whole along.
 */
function buffersOf(value: unknown): ArrayBuffer[] {
  const worthMoving = 64 * 1024
  // Asked for its values, a string or an array of bytes would list every single one.
  const isRecord = typeof value === 'object' && value !== null && !(value instanceof Uint8Array)
  const bytes = (isRecord ? Object.values(value).flat() : [value]).filter((part) => part instanceof Uint8Array)
  const large = bytes.filter((part) => part.byteLength >= worthMoving && 2 * part.byteLength >= part.buffer.byteLength)
  const buffers = large.map((part) => part.buffer).filter((buffer) => buffer instanceof ArrayBuffer)
  return [...new Set(buffers)]
}
