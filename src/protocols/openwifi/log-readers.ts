import type { Context } from '#src/context.ts'
import { seconds } from '#src/lib/clock.ts'
import type { Line } from '#src/lib/log.ts'
import { contentOf } from './log-line.ts'
import { BAD_TOKEN, judge, type Peer, send, TRY_LATER, turnAway } from './log-peer.ts'

const AT_MOST = 50
const PER_ACCOUNT = 5
const JUDGED_EVERY = seconds(3)
const PING_EVERY = seconds(30)

/** The one kind of notification there is. */
const LOG_LINES = 1
const welcome = {
  notificationTypes: [{ helper: 'log', id: LOG_LINES }],
  success: 'Welcome! Bienvenue! Bienvenidos!',
}

/** Those who look at the log. */
export interface Readers extends Iterable<Peer> {
  /** Welcomes somebody whose session is known, or turns him away when there are too many, or too many of him. */
  add(peer: Peer): void
  has(peer: Peer): boolean
  delete(peer: Peer): void
  stop(): void
}

/** What a reader says: that he wants no more lines, or something that is only acknowledged. */
export function hear(peer: Peer, text: string): void {
  let said: unknown
  try {
    said = JSON.parse(text)
  } catch {
    return
  }
  const unwanted = (said as Record<string, unknown> | null)?.['drop-notifications']
  if (!Array.isArray(unwanted)) send(peer, {})
  else if (unwanted.includes(LOG_LINES)) peer.wantsLines = false
}

function ping(peer: Peer): void {
  if (!peer.isAlive) peer.socket.terminate()
  peer.isAlive = false
  if (peer.socket.readyState === peer.socket.OPEN) peer.socket.ping()
}

/** Sends every line of the log to whoever reads along, as long as his session lasts. */
export function logReaders(ctx: Context): Readers {
  const all = new Set<Peer>()
  const countOf = (account: string | undefined): number =>
    [...all].filter(({ session }) => session?.account_id === account).length

  function show(line: Line): void {
    const content = contentOf(line)
    for (const peer of all) {
      if (!peer.wantsLines || !peer.session) continue
      if (peer.session.expires <= ctx.clock.now()) turnAway(peer, BAD_TOKEN)
      else send(peer, { notification: { content, notification_id: ++peer.lines, type_id: LOG_LINES } })
    }
  }

  // Only while somebody reads: the lines of other processes come from far.
  let unwatch: (() => void) | null = null
  function watchWhileRead(): void {
    if (all.size > 0) unwatch ??= ctx.log.watch(show)
    else {
      unwatch?.()
      unwatch = null
    }
  }

  const judging = setInterval(() => {
    for (const peer of all) if (peer.token !== null) void judge(ctx, peer, peer.token)
  }, JUDGED_EVERY).unref()
  const pinging = setInterval(() => all.forEach(ping), PING_EVERY).unref()

  return {
    add(peer) {
      const account = peer.session?.account_id
      if (all.size >= AT_MOST || countOf(account) >= PER_ACCOUNT) {
        turnAway(peer, 'Too many connections. Closing connection.', TRY_LATER)
        return
      }
      send(peer, welcome)
      all.add(peer)
      watchWhileRead()
      ctx.log.info('log-socket.opened', { account })
    },
    has: (peer) => all.has(peer),
    delete(peer) {
      if (!all.delete(peer)) return
      watchWhileRead()
      ctx.log.info('log-socket.closed', { lines: peer.lines })
    },
    [Symbol.iterator]: () => all.values(),
    stop() {
      unwatch?.()
      clearInterval(judging)
      clearInterval(pinging)
    },
  }
}
