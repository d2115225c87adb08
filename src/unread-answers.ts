import type { Socket } from 'node:net'

interface Standing {
  /** since when something has lain there without any of it being fetched */
  since: number
  /** bytes that were fetched by then */
  fetched: number
}

export interface Unread {
  /** milliseconds that whoever fetches nothing of what lies there for him is waited for */
  patience: number
  /** bytes that may lie there for all together */
  most: number
}

const fetchedBy = (socket: Socket): number => socket.bytesWritten - socket.writableLength

/**
 * Answers that their readers do not fetch lie in memory. `look` ends the connections of those who have fetched nothing for
 * too long, and while there is too much in all, of those who have been at it the longest; tells how many. A large answer
 * counts as fetched once all of it is.
 */
export function unreadAnswers({ patience, most }: Unread) {
  const known = new WeakMap<Socket, Standing>()

  function standingOf(socket: Socket, now: number): Standing {
    const before = known.get(socket)
    const fetched = fetchedBy(socket)
    const standing = before && before.fetched === fetched ? before : { since: now, fetched }
    known.set(socket, standing)
    return standing
  }

  return {
    look(sockets: Iterable<Socket>, now = performance.now()): number {
      const standing: { socket: Socket; since: number; bytes: number }[] = []
      let bytes = 0
      for (const socket of sockets) {
        if (socket.writableLength === 0) continue
        standing.push({ socket, since: standingOf(socket, now).since, bytes: socket.writableLength })
        bytes += socket.writableLength
      }
      let cut = 0
      for (const one of standing.sort((a, b) => a.since - b.since)) {
        if (now - one.since < patience && bytes <= most) break
        one.socket.destroy()
        bytes -= one.bytes
        cut++
      }
      return cut
    },
  }
}
