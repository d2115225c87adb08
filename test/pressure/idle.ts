import { connect, type Socket } from 'node:net'

/** Connections that say nothing. */
export interface Idle {
  /** how many are open */
  count(): number
  /** Asks something on each, so that they are not closed for being idle; resolves when all were answered. */
  stir(): Promise<void>
  /** Has each send a sign-in byte for byte, one a second; the answer ends that. */
  drip(): () => void
  close(): void
}

// Not more than a listener lets wait to be accepted.
const AT_ONCE = 200
// Fewer than one client may have (the setting connectionsPerClient).
const PER_ADDRESS = 1500

const STIR_EVERY = 4000
const DRIPS = 20

const QUESTION = 'GET /healthz HTTP/1.1\r\nHost: idle\r\n\r\n'

function open(url: URL, localAddress: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect({ host: url.hostname, port: Number(url.port), localAddress })
    socket.once('connect', () => resolve(socket))
    socket.on('error', () => resolve(null))
  })
}

const ask = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.once('data', () => resolve())
    socket.once('close', () => resolve())
    socket.write(QUESTION)
  })

async function stir(sockets: ReadonlySet<Socket>): Promise<void> {
  const all = [...sockets]
  for (let at = 0; at < all.length; at += AT_ONCE) await Promise.all(all.slice(at, at + AT_ONCE).map(ask))
}

/** Opens so many connections to a server on loopback, from several addresses of it, a few at a time. */
export async function openIdle(base: string, wanted: number): Promise<Idle> {
  const url = new URL(base)
  const sockets = new Set<Socket>()
  let stirred = performance.now()
  for (let opened = 0; opened < wanted; opened += AT_ONCE) {
    const address = `127.0.0.${2 + Math.floor(opened / PER_ADDRESS)}`
    const some = Array.from({ length: Math.min(AT_ONCE, wanted - opened) }, () => open(url, address))
    for (const socket of await Promise.all(some)) {
      if (!socket) continue
      sockets.add(socket)
      socket.once('close', () => sockets.delete(socket))
      socket.resume()
    }
    // On a machine that is busy it takes so long that the first ones would be closed meanwhile.
    if (performance.now() - stirred < STIR_EVERY) continue
    await stir(sockets)
    stirred = performance.now()
  }
  return {
    count: () => sockets.size,
    stir: () => stir(sockets),
    drip() {
      for (const socket of sockets)
        socket.write('POST /api/v1/oauth2 HTTP/1.1\r\nHost: slow\r\nContent-Length: 1000\r\n\r\n')
      let turn = 0
      // Not all at the same instant: that would be a flood.
      const timer = setInterval(() => {
        turn++
        let at = 0
        for (const socket of sockets) if (at++ % DRIPS === turn % DRIPS) socket.write('x')
      }, 1000 / DRIPS)
      return () => clearInterval(timer)
    },
    close() {
      for (const socket of sockets) socket.destroy()
    },
  }
}
