import type { ServerResponse } from 'node:http'
import { byteBudget } from '#src/lib/byte-budget.ts'
import { STEP } from '#src/lib/joined-bytes.ts'

// Large bodies that may wait for room, and for how long: whoever sends one is still sending meanwhile.
const WAITING = 64
const PATIENCE = 15_000

/** Asked before a large body is taken in, with how many bytes it may have; waits until there is room, or throws. */
export type MakeRoom = (bytes: number) => Promise<void>

/**
 * Room for all large bodies together, `total` bytes. Each has its share until its answer is through, for only then is it
 * forgotten. `noted` hears of each share, and of its end as a negative one. Throws `QueueFull`.
 */
export function roomOf(
  total: number,
  noted: (bytes: number) => void,
): (who: string, outgoing: ServerResponse) => MakeRoom {
  const budget = byteBudget({ total, waiting: WAITING, patience: PATIENCE })
  return (who, outgoing) => async (bytes) => {
    const free = await budget.take(bytes, who)
    const share = Math.min(bytes, total)
    noted(share)
    const giveBack = () => {
      noted(-share)
      free()
    }
    if (outgoing.destroyed) giveBack()
    else outgoing.once('close', giveBack)
  }
}

/**
 * Waits for room for what was made of a request where that is much larger, as what was compressed is: many small requests
 * whose answers nobody fetches would fill the memory. Throws `QueueFull`.
 */
export async function roomForMore(makeRoom: MakeRoom, request: Uint8Array, answer: Uint8Array[]): Promise<void> {
  const more = answer.reduce((sum, { length }) => sum + length, 0) - request.length
  if (more > STEP) await makeRoom(more)
}
