import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import type { Context } from '#src/context.ts'
import { addressList, clientAddress } from '#src/http/client-address.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { networkOf } from '#src/http/limits.ts'
import { seconds } from '#src/lib/clock.ts'
import { BAD_TOKEN, GOING_AWAY, judge, newPeer, type Peer, turnAway } from './log-peer.ts'
import { hear, logReaders } from './log-readers.ts'
import { logStrangers } from './log-strangers.ts'
import { complaint } from './refuse.ts'

const PATH = '/api/v1/ws'
const FRAME_AT_MOST = 4096
const TOKEN_WITHIN = seconds(10)
const CLOSED_WITHIN = seconds(1)

// A constant of its own: the types of the package do not know `closeTimeout` yet.
const options = { noServer: true, clientTracking: false, maxPayload: FRAME_AT_MOST, closeTimeout: CLOSED_WITHIN }

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.on('error', () => {})
  const later = status.startsWith('503') ? 'Retry-After: 2\r\n' : ''
  socket.end(`HTTP/1.1 ${status}\r\n${later}Connection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
}

/** The client that a connection comes from, as requests are counted. */
function networks(ctx: Context): (message: IncomingMessage) => string {
  const trusted = addressList(ctx.config.trustedProxies)
  return ({ socket, headers }) => {
    const forwardedFor = headers['x-forwarded-for']
    const hops = Array.isArray(forwardedFor) ? forwardedFor.join() : (forwardedFor ?? null)
    return networkOf(clientAddress(socket.remoteAddress ?? '', hops, trusted))
  }
}

export interface LogSocket {
  /** Takes over a connection that asks to become a WebSocket. */
  upgrade(message: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Sends everybody away, and takes nobody any more. */
  stop(): void
}

/** Shows the server's log to root and administrators while they look, each line as it is written. */
export function logSocket(ctx: Context): LogSocket {
  const server = new WebSocketServer(options)
  const networkOfClient = networks(ctx)
  const strangers = logStrangers()
  const readers = logReaders(ctx)
  let isStopped = false

  async function enter(peer: Peer, token: string): Promise<void> {
    peer.token = token
    await judge(ctx, peer, token)
    if (peer.session && strangers.delete(peer)) readers.add(peer)
  }

  function meet(socket: WebSocket, message: IncomingMessage): void {
    const peer = newPeer(socket, networkOfClient(message))
    const patience = setTimeout(() => strangers.has(peer) && turnAway(peer, BAD_TOKEN), TOKEN_WITHIN)
    strangers.add(peer)
    socket.on('error', () => {})
    socket.on('pong', () => {
      peer.isAlive = true
    })
    socket.on('message', (data, isBinary) => {
      if (readers.has(peer)) hear(peer, data.toString())
      if (peer.token !== null) return
      const token = isBinary ? undefined : /^token:(\S{1,512})\s*$/.exec(data.toString())?.[1]
      if (token === undefined) turnAway(peer, BAD_TOKEN)
      else void enter(peer, token)
    })
    socket.on('close', () => {
      clearTimeout(patience)
      strangers.delete(peer)
      readers.delete(peer)
    })
  }

  return {
    upgrade(message, socket, head) {
      if (isStopped) refuseUpgrade(socket, '503 Service Unavailable')
      else if (message.url?.split('?')[0] !== PATH) refuseUpgrade(socket, '404 Not Found')
      else server.handleUpgrade(message, socket, head, meet)
    },
    stop() {
      isStopped = true
      readers.stop()
      for (const { socket } of [...strangers, ...readers]) socket.close(GOING_AWAY)
    },
  }
}

/** What answers whoever asks for the socket without becoming one. */
export const logSocketHint = endpoint({
  at: 'GET /ws',
  what: 'The log as it is written, for root and admin: a WebSocket, whose first frame is `token:` and the token',
  who: 'anyone',
  async does() {
    throw complaint(1050)
  },
})
