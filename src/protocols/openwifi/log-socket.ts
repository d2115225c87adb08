import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { Context } from '#src/context.ts'
import { mayOperate } from '#src/domain/operating.ts'
import { findSession, type Session } from '#src/domain/sessions/sessions.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { seconds } from '#src/lib/clock.ts'
import type { Line } from '#src/lib/log.ts'
import { userDoor } from './doors.ts'
import { contentOf } from './log-line.ts'
import { complaint } from './refuse.ts'
import { text } from './reply.ts'

const PATH = '/api/v1/ws'
const FRAME_AT_MOST = 4096
const BUFFERED_AT_MOST = 1_048_576
const READERS_AT_MOST = 50
const STRANGERS_AT_MOST = 50
const TOKEN_WITHIN = seconds(10)
const JUDGED_EVERY = seconds(3)
const PING_EVERY = seconds(30)
const CLOSED_WITHIN = seconds(1)

/** Why a connection is closed: RFC 6455 §7.4.1. */
const GOING_AWAY = 1001
const REFUSED = 1008
const TRY_LATER = 1013

const BAD_TOKEN = 'Invalid token. Closing connection.'
/** The one kind of notification there is. */
const LOG_LINES = 1
const welcome = {
  notificationTypes: [{ helper: 'log', id: LOG_LINES }],
  success: 'Welcome! Bienvenue! Bienvenidos!',
}

// A constant of its own: the types of the package do not know `closeTimeout` yet.
const options = { noServer: true, clientTracking: false, maxPayload: FRAME_AT_MOST, closeTimeout: CLOSED_WITHIN }

/** Somebody at the socket: a stranger until his token is known. */
interface Peer {
  socket: WebSocket
  token: string | null
  session: Session | null
  isBeingJudged: boolean
  wantsLines: boolean
  /** how many lines he was sent */
  lines: number
  isAlive: boolean
}

function send({ socket }: Peer, message: unknown): void {
  // Nothing is kept for a reader who does not read: he misses what comes meanwhile.
  if (socket.readyState === socket.OPEN && socket.bufferedAmount < BUFFERED_AT_MOST) socket.send(text(message))
}

function turnAway(peer: Peer, error: string, code = REFUSED): void {
  send(peer, { error })
  peer.socket.close(code)
}

/** The session of an operator; null for any other token, and when that cannot be found out. */
async function operatorSession(ctx: Context, token: string): Promise<Session | null> {
  const found = await findSession(ctx, token, userDoor.protocol).catch(() => null)
  return found?.session.state === 'full' && mayOperate(found.account) ? found.session : null
}

/** What a reader says: that he wants no more lines, or something that is only acknowledged. */
function hear(peer: Peer, data: RawData): void {
  let said: unknown
  try {
    said = JSON.parse(data.toString())
  } catch {
    return
  }
  const unwanted = (said as Record<string, unknown> | null)?.['drop-notifications']
  if (!Array.isArray(unwanted)) send(peer, {})
  else if (unwanted.includes(LOG_LINES)) peer.wantsLines = false
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.on('error', () => {})
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`, () => socket.destroy())
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
  const strangers = new Set<Peer>()
  const readers = new Set<Peer>()
  let isStopped = false

  async function judge(peer: Peer, token: string): Promise<void> {
    if (peer.isBeingJudged) return
    peer.isBeingJudged = true
    peer.session = await operatorSession(ctx, token)
    peer.isBeingJudged = false
    if (!peer.session) turnAway(peer, BAD_TOKEN)
  }

  async function enter(peer: Peer, token: string): Promise<void> {
    peer.token = token
    await judge(peer, token)
    if (!peer.session || !strangers.delete(peer)) return
    if (readers.size >= READERS_AT_MOST) {
      turnAway(peer, 'Too many connections. Closing connection.', TRY_LATER)
      return
    }
    send(peer, welcome)
    readers.add(peer)
    ctx.log.info('log-socket.opened', { account: peer.session.account_id })
  }

  function meet(socket: WebSocket): void {
    const peer: Peer = {
      socket,
      token: null,
      session: null,
      isBeingJudged: false,
      wantsLines: true,
      lines: 0,
      isAlive: true,
    }
    const patience = setTimeout(() => strangers.has(peer) && turnAway(peer, BAD_TOKEN), TOKEN_WITHIN)
    strangers.add(peer)
    // Whoever only holds a place gives it to the next one.
    const [longest] = strangers
    if (strangers.size > STRANGERS_AT_MOST) longest?.socket.terminate()
    socket.on('error', () => {})
    socket.on('pong', () => {
      peer.isAlive = true
    })
    socket.on('message', (data, isBinary) => {
      if (readers.has(peer)) hear(peer, data)
      if (peer.token !== null) return
      const token = isBinary ? undefined : /^token:(\S{1,512})\s*$/.exec(data.toString())?.[1]
      if (token === undefined) turnAway(peer, BAD_TOKEN)
      else void enter(peer, token)
    })
    socket.on('close', () => {
      clearTimeout(patience)
      strangers.delete(peer)
      if (readers.delete(peer)) ctx.log.info('log-socket.closed', { lines: peer.lines })
    })
  }

  function show(line: Line): void {
    if (readers.size === 0) return
    const content = contentOf(line)
    for (const peer of readers) {
      if (!peer.wantsLines || !peer.session) continue
      if (peer.session.expires <= ctx.clock.now()) turnAway(peer, BAD_TOKEN)
      else send(peer, { notification: { content, notification_id: ++peer.lines, type_id: LOG_LINES } })
    }
  }

  const judging = setInterval(() => {
    for (const peer of readers) if (peer.token !== null) void judge(peer, peer.token)
  }, JUDGED_EVERY).unref()
  const pinging = setInterval(() => {
    for (const peer of readers) {
      if (!peer.isAlive) peer.socket.terminate()
      peer.isAlive = false
      if (peer.socket.readyState === peer.socket.OPEN) peer.socket.ping()
    }
  }, PING_EVERY).unref()
  const unwatch = ctx.log.watch(show)

  return {
    upgrade(message, socket, head) {
      if (isStopped) refuseUpgrade(socket, '503 Service Unavailable')
      else if (message.url?.split('?')[0] !== PATH) refuseUpgrade(socket, '404 Not Found')
      else server.handleUpgrade(message, socket, head, meet)
    },
    stop() {
      isStopped = true
      unwatch()
      clearInterval(judging)
      clearInterval(pinging)
      for (const { socket } of [...strangers, ...readers]) socket.close(GOING_AWAY)
    },
  }
}

/** What answers whoever asks for the socket without becoming one. */
export const logSocketDoor = endpoint({
  at: 'GET /ws',
  what: 'The log as it is written, for root and admin: a WebSocket, whose first frame is `token:` and the token',
  who: 'anyone',
  async does() {
    throw complaint(1050)
  },
})
