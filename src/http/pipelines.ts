import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

type Handler = (message: IncomingMessage, response: ServerResponse) => void

// Proxies and browsers wait for each answer; a library that does not has a handful under way.
const AT_ONCE = 32

/**
 * Bounds the requests of one connection that are worked on at once. Node reads whatever a connection has brought before it
 * looks at the next one: of a client who asks on and on and waits for no answer that is hundreds of requests, and
 * everybody else waits for all of them. Such a connection is cut, and `told`.
 */
export function boundPipelines(handler: Handler, told: () => void): Handler {
  const underWay = new WeakMap<Socket, number>()
  return (message, response) => {
    const { socket } = message
    // What else was read along with it.
    if (socket.destroyed) return
    const own = (underWay.get(socket) ?? 0) + 1
    if (own > AT_ONCE) {
      socket.destroy()
      told()
      return
    }
    underWay.set(socket, own)
    response.once('close', () => underWay.set(socket, underWay.get(socket)! - 1))
    handler(message, response)
  }
}
