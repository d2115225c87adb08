import { pace } from '#src/lib/pace.ts'
import { QueueFull } from '#src/lib/queue.ts'

/** The requests that one process works on at once, `most` of them; what waits for its client is none of them. */
export interface AtWork {
  /** One request's own part in it. */
  begin(): Turn
}

export interface Turn {
  /** Takes a place; throws `QueueFull` when there is none. Does nothing for who has one. */
  enter(): void
  /** Gives it back, while the client is waited for, or for good. */
  leave(): void
}

/**
 * Beyond the bound a request is turned away before anything is done for it: what piles up behind a slow database would
 * only fill the memory, and be answered when nobody waits any more.
 */
export function atWork(most: number): AtWork {
  let active = 0
  const stays = pace()
  return {
    begin() {
      let since: number | null = null
      return {
        enter() {
          if (since !== null) return
          if (active >= most) throw new QueueFull('too many requests at once', stays.secondsFor(active, most))
          active++
          since = performance.now()
        },
        leave() {
          if (since === null) return
          active--
          stays.note(performance.now() - since)
          since = null
        },
      }
    },
  }
}
