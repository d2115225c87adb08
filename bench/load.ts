import { connect, type Socket } from 'node:net'

/** What a run of requests showed; latencies in milliseconds, sorted. */
export interface Run {
  perSecond: number
  latencies: Float64Array
  statuses: Map<number, number>
}

export const percentile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN

export const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

const open = (url: URL): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname, () => resolve(socket.setNoDelay(true)))
    socket.once('error', reject)
  })

const LAST_CHUNK = '0\r\n\r\n'

/** Where an answer ends whose body begins at `from`; null while it is not all there. One that is not chunked has a length. */
function endOfBody(bytes: Buffer, head: string, from: number): number | null {
  const length = /content-length: (\d+)/i.exec(head)
  if (length || !/transfer-encoding: chunked/i.test(head)) {
    const until = from + Number(length?.[1] ?? 0)
    return bytes.length >= until ? until : null
  }
  // One request at a time: what ends like the last chunk, ends there.
  return bytes.toString('latin1', Math.max(from, bytes.length - LAST_CHUNK.length)) === LAST_CHUNK ? bytes.length : null
}

/** One request at a time on one connection: writes ready bytes, waits for the whole answer. */
async function drive(
  url: URL,
  next: () => Buffer,
  isOver: () => boolean,
  pause: number,
  seen: (status: number, ms: number) => void,
) {
  const socket = await open(url)
  let wake: (() => void) | undefined
  let pending: Buffer = Buffer.alloc(0)
  socket.on('data', (chunk: Buffer) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    wake?.()
  })
  const answered = async (): Promise<number> => {
    for (;;) {
      const end = pending.indexOf('\r\n\r\n')
      if (end >= 0) {
        const head = pending.toString('latin1', 0, end)
        const until = endOfBody(pending, head, end + 4)
        if (until !== null) {
          pending = pending.subarray(until)
          return Number(head.slice(9, 12))
        }
      }
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
  }
  while (!isOver()) {
    const started = performance.now()
    socket.write(next())
    const status = await answered()
    seen(status, performance.now() - started)
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
  }
  socket.destroy()
}

/**
 * Sends requests for `seconds`, or `most` of them, on `connections` connections at once. `pause`: milliseconds each rests between two
 * requests, for a probe that measures without loading.
 */
export async function load(
  url: string,
  {
    connections,
    seconds,
    next,
    pause = 0,
    most = Number.POSITIVE_INFINITY,
  }: { connections: number; seconds: number; next: () => Buffer; pause?: number; most?: number },
): Promise<Run> {
  const latencies: number[] = []
  const statuses = new Map<number, number>()
  const started = performance.now()
  const seen = (status: number, ms: number) => {
    latencies.push(ms)
    statuses.set(status, (statuses.get(status) ?? 0) + 1)
  }
  const until = started + seconds * 1000
  let begun = 0
  const isOver = () => performance.now() >= until || begun++ >= most
  await Promise.all(Array.from({ length: connections }, () => drive(new URL(url), next, isOver, pause, seen)))
  const elapsed = (performance.now() - started) / 1000
  return { perSecond: latencies.length / elapsed, latencies: Float64Array.from(latencies).sort(), statuses }
}

/** The run again, when everything in it was answered with 200. */
export function onlyOk(run: Run): Run {
  for (const [status, count] of run.statuses)
    if (status !== 200) throw new Error(`${count} requests were answered with ${status}`)
  return run
}

/** One after the other, and again from the first. */
export const cycle = <T>(values: readonly T[]): (() => T) => {
  let at = 0
  return () => values[at++ % values.length]!
}

/** The bytes of a request. */
export function requestBytes(
  url: string,
  path: string,
  {
    method = 'GET',
    headers = {},
    body = '',
  }: {
    method?: string
    headers?: Record<string, string>
    body?: string
  } = {},
): Buffer {
  const lines = Object.entries({
    Host: new URL(url).host,
    ...(body ? { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) } : {}),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}`)
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`)
}

const CPU_ROUNDS = 5

/** Median CPU milliseconds of this process for one run of `work`. */
export async function cpuOf(work: () => Promise<unknown>, runs: number): Promise<number> {
  const found: number[] = []
  for (let n = 0; n < Math.min(runs, 20); n++) await work()
  for (let round = 0; round < CPU_ROUNDS; round++) {
    const before = process.cpuUsage()
    for (let n = 0; n < runs; n++) await work()
    const { user, system } = process.cpuUsage(before)
    found.push((user + system) / 1000 / runs)
  }
  return median(found)
}
