import type { Context } from '#src/context.ts'
import { mayOperate } from '#src/domain/operating.ts'
import { findSession, type Session } from '#src/domain/sessions/sessions.ts'
import { userDoor } from './doors.ts'
import { text } from './reply.ts'

const BUFFERED_AT_MOST = 1_048_576

/** Why a connection is closed: RFC 6455 §7.4.1. */
export const GOING_AWAY = 1001
export const TRY_LATER = 1013
const REFUSED = 1008

export const BAD_TOKEN = 'Invalid token. Closing connection.'

/** What is needed of a connection. */
export interface Socket {
  readonly readyState: number
  readonly OPEN: number
  readonly bufferedAmount: number
  send(text: string): void
  ping(): void
  close(code: number): void
  terminate(): void
}

/** Somebody at the log socket: a stranger until his token is known. */
export interface Peer {
  socket: Socket
  /** what counts as one client among strangers */
  network: string
  token: string | null
  session: Session | null
  isBeingJudged: boolean
  wantsLines: boolean
  /** how many lines he was sent */
  lines: number
  isAlive: boolean
}

export const newPeer = (socket: Socket, network: string): Peer => ({
  socket,
  network,
  token: null,
  session: null,
  isBeingJudged: false,
  wantsLines: true,
  lines: 0,
  isAlive: true,
})

export function send({ socket }: Peer, message: unknown): void {
  // Nothing is kept for a reader who does not read: he misses what comes meanwhile.
  if (socket.readyState === socket.OPEN && socket.bufferedAmount < BUFFERED_AT_MOST) socket.send(text(message))
}

export function turnAway(peer: Peer, error: string, code = REFUSED): void {
  send(peer, { error })
  peer.socket.close(code)
}

/** The session of an operator; null for any other token, and when that cannot be found out. */
async function operatorSession(ctx: Context, token: string): Promise<Session | null> {
  const found = await findSession(ctx, token, userDoor.protocol).catch(() => null)
  return found?.session.state === 'full' && mayOperate(found.account) ? found.session : null
}

/** Looks whether a token is an operator's, and turns away whoever has another. Does nothing while that is going on. */
export async function judge(ctx: Context, peer: Peer, token: string): Promise<void> {
  if (peer.isBeingJudged) return
  peer.isBeingJudged = true
  peer.session = await operatorSession(ctx, token)
  peer.isBeingJudged = false
  if (!peer.session) turnAway(peer, BAD_TOKEN)
}
