import type { ServerResponse } from 'node:http'
import { byteBudget } from '#src/lib/byte-budget.ts'
import { STEP } from '#src/lib/joined-bytes.ts'

// Large bodies that may wait for room, and for how long: whoever sends one is still sending meanwhile.
const WAITING = 64
// Of these, for one account or client: whoever has his half of the room would else take every place in the line as well.
const WAITING_OF_ONE = WAITING / 2
const PATIENCE = 15_000
// What smaller bodies have for themselves, of as much: large mails on their way keep nobody's key from being taken.
const SMALLER_SHARE = 1 / 4

/** Bytes of a body that need no room: a sign-in is always let in, however many others send. */
export const FREE = 16 * 1024

/** Room that was given. */
export interface Given {
  /** Does anybody wait for it? */
  isWanted(): boolean
}

/** Asked before more than a little is taken in, with how many bytes it may have; waits until there is room, or throws. */
export type MakeRoom = (bytes: number) => Promise<Given>

export const boundlessRoom: MakeRoom = async () => ({ isWanted: () => false })

/**
 * Room for all bodies that are more than a few kilobytes: `total` bytes for those over a mebibyte together, and a quarter
 * of that for the others. Each has its share until its answer is through, for only then is it forgotten. `noted` hears of
 * each share of the large ones, and of its end as a negative one. Throws `QueueFull`.
 */
export function roomOf(
  total: number,
  noted: (bytes: number) => void,
): (who: string, outgoing: ServerResponse) => MakeRoom {
  const budgetOf = (bytes: number) =>
    byteBudget({ total: bytes, waiting: WAITING, ofOne: WAITING_OF_ONE, patience: PATIENCE })
  const large = budgetOf(total)
  const smaller = budgetOf(Math.ceil(total * SMALLER_SHARE))
  return (who, outgoing) => async (bytes) => {
    const isLarge = bytes > STEP
    const budget = isLarge ? large : smaller
    const free = await budget.take(bytes, who)
    const share = isLarge ? Math.min(bytes, total) : 0
    noted(share)
    const giveBack = () => {
      noted(-share)
      free()
    }
    if (outgoing.destroyed) giveBack()
    else outgoing.once('close', giveBack)
    return { isWanted: () => budget.depth > 0 }
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
