import { setImmediate } from 'node:timers/promises'

/** What is copied in one go: a fraction of a millisecond. Anything larger lies in memory that is shared. */
export const STEP = 1024 * 1024

/** Memory that worker threads look into without a copy. Nobody may change it once a worker may be reading it. */
export const sharedMemory = (length: number): Buffer => Buffer.from(new SharedArrayBuffer(length))

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
