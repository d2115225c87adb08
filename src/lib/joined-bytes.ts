import { setImmediate } from 'node:timers/promises'

/** What is copied in one go: a fraction of a millisecond. Anything larger lies in memory that is shared. */
export const STEP = 1024 * 1024

const counted = new WeakMap<SharedArrayBuffer, ArrayBuffer>()

/**
 * Memory that worker threads look into without a copy. Nobody may change it once a worker may be reading it. The collector
 * does not count it and would let any amount of it lie about, so something that it does count goes along: as long, but
 * never touched, which costs no memory.
 */
export function sharedMemory(length: number): Buffer {
  const memory = new SharedArrayBuffer(length)
  counted.set(memory, new ArrayBuffer(length))
  return Buffer.from(memory)
}

/**
 * The parts one behind the other. Large ones are copied step by step, so that others are served in between: in one go,
 * fifty megabytes hold up everybody for a twentieth of a second.
 */
export async function joinedBytes(parts: readonly Uint8Array[]): Promise<Buffer> {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  if (length <= STEP) return Buffer.concat(parts)
  const whole = sharedMemory(length)
  let [to, pause] = [0, STEP]
  for (const part of parts)
    for (let from = 0; from < part.length; from += STEP) {
      const step = part.subarray(from, from + STEP)
      whole.set(step, to)
      to += step.length
      if (to < pause) continue
      pause = to + STEP
      await setImmediate()
    }
  return whole
}
