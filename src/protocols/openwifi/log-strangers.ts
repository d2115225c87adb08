import type { Peer } from './log-peer.ts'

const AT_MOST = 50
const PER_NETWORK = 5

/** Those at the log socket of whom nothing is known yet. Whoever only holds a place gives it to the next one. */
export interface Strangers extends Iterable<Peer> {
  /** Takes somebody in; another may have to go for him, of his own network if there are too many of it. */
  add(peer: Peer): void
  has(peer: Peer): boolean
  /** Answers whether he was there. */
  delete(peer: Peer): boolean
}

export function logStrangers(): Strangers {
  const all = new Set<Peer>()

  /** Those among whom there is one too many. */
  function crowd(peer: Peer): Peer[] {
    const networks = Map.groupBy(all, ({ network }) => network)
    const own = networks.get(peer.network) ?? []
    if (own.length >= PER_NETWORK) return own
    // The largest crowd of one network: many from one place do not push out the one from another.
    if (all.size >= AT_MOST)
      return [...networks.values()].reduce((one, other) => (other.length > one.length ? other : one))
    return []
  }

  return {
    add(peer) {
      const some = crowd(peer)
      // One whose token is just being looked at is waiting for us, not we for him.
      const gone = some.find(({ isBeingJudged }) => !isBeingJudged) ?? some[0]
      if (gone && all.delete(gone)) gone.socket.terminate()
      all.add(peer)
    },
    has: (peer) => all.has(peer),
    delete: (peer) => all.delete(peer),
    [Symbol.iterator]: () => all.values(),
  }
}
