import { readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { Config } from './config.ts'
import { addressList, clientAddress, isAmong } from './http/client-address.ts'
import { networkOf } from './http/limits.ts'
import type { Log } from './lib/log.ts'
import { unreadAnswers } from './unread-answers.ts'

const LOOK_EVERY = 2000
const TELL_EVERY = 60_000
// Files that are no connections of people: databases, siblings, mail servers, and what is opened for a moment.
const KEPT_FILES = 512
const KEPT_SHARE = 1 / 4
// Of these, for the listeners that siblings and those call who watch over the server: they get in when nobody else does.
const ASIDE_SHARE = 1 / 4

/** How many files the system lets this process have open; Node has asked for as many as it may by then. */
function mostFiles(): number {
  try {
    const [, soft] = /^Max open files +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return Number(soft ?? Number.POSITIVE_INFINITY)
  } catch {
    // Not Linux: whoever runs it there sets what fits.
    return Number.POSITIVE_INFINITY
  }
}

/** How many connections there may be: at the listener for everybody, and at each of the others. */
export function connectionBounds({ connections }: Pick<Config, 'connections'>, files = mostFiles()) {
  const kept = Math.min(KEPT_FILES, Math.floor(files * KEPT_SHARE))
  return {
    people: Math.max(1, Math.min(connections, files - kept)),
    aside: Math.max(1, Math.floor(Math.min(kept, connections) * ASIDE_SHARE)),
  }
}

/** Tells now and then how often something happened, rather than each time: it happens when there is too much already. */
export function rarely(log: Log, event: string, facts: Record<string, unknown>) {
  let times = 0
  let told = Number.NEGATIVE_INFINITY
  return (more = 1) => {
    times += more
    if (times === 0 || performance.now() - told < TELL_EVERY) return
    log.warn(event, { ...facts, times })
    told = performance.now()
    times = 0
  }
}

export interface Kept {
  /** at the listener for everybody, or at another */
  place: 'people' | 'aside'
  config: Config
  log: Log
}

/**
 * Bounds what a listener has to do with connections: how many there are, how many of one client, and how long answers lie
 * about that nobody fetches. What is too much is closed at once, and told once a minute.
 */
export function keepConnections(server: Server, { place, config, log }: Kept): void {
  const bound = connectionBounds(config)[place]
  const trusted = addressList(config.trustedProxies)
  const clients = new Map<string, number>()
  const open = new Set<Socket>()
  const tellFull = rarely(log, 'connections.full', { place, bound })
  const tellMany = rarely(log, 'connections.many-of-one', { place, bound: config.connectionsPerClient })
  const tellUnread = rarely(log, 'connections.unread', { place })

  /** Who it comes from; null for a trusted proxy, behind which there are many. */
  function clientOf({ remoteAddress = '' }: Socket): string | null {
    const plain = clientAddress(remoteAddress, null, trusted)
    return isAmong(plain, trusted) ? null : networkOf(plain)
  }

  function count(socket: Socket): void {
    const client = clientOf(socket)
    if (client === null) return
    const own = clients.get(client) ?? 0
    if (own >= config.connectionsPerClient) {
      socket.destroy()
      tellMany()
      return
    }
    clients.set(client, own + 1)
    socket.once('close', () => {
      const left = clients.get(client)! - 1
      if (left > 0) clients.set(client, left)
      else clients.delete(client)
    })
  }

  function watch(socket: Socket | TLSSocket): void {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  }

  server.maxConnections = bound
  server.on('drop', () => tellFull())
  server.on('connection', count)
  // Under TLS the bytes that wait are those of the socket above.
  server.on('setSecureContext' in server ? 'secureConnection' : 'connection', watch)
  const unread = unreadAnswers({ patience: config.requestTimeout * 1000, most: config.largeBodies })
  const looking = setInterval(() => tellUnread(unread.look(open)), LOOK_EVERY).unref()
  server.once('close', () => clearInterval(looking))
}
