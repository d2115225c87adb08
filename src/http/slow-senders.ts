import type { Readable } from 'node:stream'
import { Refusal } from '#src/domain/refusals.ts'
import type { Given } from './room.ts'

const LOOK_EVERY = 1000
// Whoever has room that others wait for must have brought so much a second by and large, once he had the time to begin.
const LEAST_A_SECOND = 64 * 1024
const BEGINS_WITHIN = 3000

/**
 * The pieces of a body as they come. Once it has been `given` room, whoever is slow while others wait for that room is cut
 * off: 'input.slow'. While nobody waits, he may be as slow as the setting requestTimeout lets him.
 */
export function piecesOf(message: Readable) {
  const pieces = message[Symbol.asyncIterator]() as AsyncIterator<Buffer>
  const tooSlow = Promise.withResolvers<never>()
  // Nobody may be waiting for a piece when it comes to that.
  tooSlow.promise.catch(() => {})
  let timer: NodeJS.Timeout | undefined
  let brought = 0
  return {
    /** The next one, or null at the end. */
    async next(): Promise<Buffer | null> {
      const { done, value } = await Promise.race([pieces.next(), tooSlow.promise])
      if (done) return null
      brought += value.length
      return value
    },
    given({ isWanted }: Given): void {
      const since = performance.now()
      brought = 0
      timer ??= setInterval(() => {
        const elapsed = performance.now() - since
        if (elapsed > BEGINS_WITHIN && isWanted() && brought < (elapsed / 1000) * LEAST_A_SECOND)
          tooSlow.reject(new Refusal('input.slow'))
      }, LOOK_EVERY)
    },
    end: () => clearInterval(timer),
  }
}
