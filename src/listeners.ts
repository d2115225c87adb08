import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Config } from './config.ts'
import { type Kept, keepConnections } from './connections.ts'
import type { Log } from './lib/log.ts'
import type { LogSocket } from './protocols/openwifi/log-socket.ts'
import type { Identity } from './tls.ts'

const KEEP_ALIVE = 15_000
const HEADERS_WITHIN = 10_000
const STOP_WITHIN = 10_000
// A connection on which nothing moves either way: longer than any answer takes to be worked out.
const SILENCE = 300_000
// How often slow requests are looked for: Node's own half a minute would double every limit.
const LOOK_EVERY = 2000

type Address = Config['listen']

export interface Listener {
  server: Server
  /** where it listens, with scheme and port */
  url: string
  port: number
}

interface Wanted {
  at: Address
  config: Config
  log: Log
  /** whom it is for: everybody, unless said otherwise */
  place?: Kept['place']
  handler: RequestListener
  /** absent: plain HTTP whatever the settings say */
  identity?: Identity
  /** absent: whoever asks for a WebSocket is answered as if he had not */
  sockets?: LogSocket
}

const listen = (server: Server, { host, port }: Address): Promise<AddressInfo> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => resolve(server.address() as AddressInfo))
  })

// Other upgrades are only offers: many a Java client asks every plain HTTP server whether it knows HTTP/2.
const asksForSocket = ({ headers }: IncomingMessage): boolean => headers.upgrade?.toLowerCase() === 'websocket'

function serverFor({ handler, identity, sockets }: Wanted): Server {
  const options = {
    connectionsCheckingInterval: LOOK_EVERY,
    shouldUpgradeCallback: (message: IncomingMessage) => sockets !== undefined && asksForSocket(message),
  }
  const pair = identity?.shown
  if (!identity || !pair) return createServer(options, handler)
  const server = createTlsServer({ ...options, ...pair, handshakeTimeout: HEADERS_WITHIN }, handler)
  identity.follow(server)
  return server
}

/** Opens a listener; with TLS when there is something to show. */
export async function openListener(wanted: Wanted): Promise<Listener> {
  const { at, config, log, place = 'people', identity, sockets } = wanted
  const server = serverFor(wanted)
  server.requestTimeout = config.requestTimeout * 1000
  server.headersTimeout = HEADERS_WITHIN
  server.keepAliveTimeout = KEEP_ALIVE
  server.timeout = SILENCE
  keepConnections(server, { place, config, log })
  if (sockets) server.on('upgrade', sockets.upgrade)
  const { port } = await listen(server, at)
  const host = at.host.includes(':') ? `[${at.host}]` : at.host
  return { server, port, url: `${identity?.shown ? 'https' : 'http'}://${host}:${port}` }
}

/** Takes no new connection, lets each end once its request is answered, and cuts what is left after the deadline. */
export async function closeGently({ server }: Listener): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve))
  const sweep = setInterval(() => server.closeIdleConnections(), 20)
  const deadline = setTimeout(() => server.closeAllConnections(), STOP_WITHIN)
  server.closeIdleConnections()
  await closed
  clearInterval(sweep)
  clearTimeout(deadline)
}
