import type { IncomingMessage } from 'node:http'
import { Agent, request } from 'node:https'
import { isIP, type LookupFunction } from 'node:net'
import { createSecureContext, getCACertificates } from 'node:tls'
import { boundedQueue, QueueFull } from '#src/lib/queue.ts'
import { isPublicAddress, isPublicName, type Resolve } from './public-address.ts'

/** Why a stranger's server gave no answer that can be used. */
export class FetchFailure extends Error {
  readonly kind: 'no-host' | 'forbidden' | 'timeout' | 'unreachable' | 'too-large' | 'unfit' | 'busy'
  constructor(kind: FetchFailure['kind'], message: string) {
    super(message)
    this.name = 'FetchFailure'
    this.kind = kind
  }
}

export interface GuardedFetch {
  /** A signal that says when nobody waits for an answer any more; for several requests that make up one question. */
  deadline(): AbortSignal
  /**
   * The keys at an https URL, as they come: binary or armored. Null when there are none (404). Throws FetchFailure.
   */
  keysAt(url: URL, signal?: AbortSignal): Promise<Uint8Array | null>
}

export interface GuardedFetchOptions {
  resolve: Resolve
  /** own hosts, asked at this address and port whatever the name server says */
  internal: readonly { host: string; ip: string; port: number }[]
  /** PEM of further authorities that such hosts, and no others, may have their certificates from */
  ca: string | null
  /** milliseconds for everything together: names, connections, redirects, bodies */
  timeoutMs: number
}

const MOST_BYTES = 1_048_576
const MOST_REDIRECTS = 2
const REDIRECTS = new Set([301, 302, 303, 307, 308])
const ABSENT = new Set([404, 410])
// So many strangers may be slow at a time, and so many questions wait for them.
const WIDTH = 32
const BOUND = 256

/** Where to connect: addresses that were judged, and nothing that could be looked up once more. */
interface Place {
  addresses: string[]
  port: number
  agent: Agent
}

// An agent of our own heeds no proxy of the environment, and keeps neither connections nor sessions.
const alone = { keepAlive: false, maxCachedSessions: 0 }

const pinned =
  (addresses: readonly string[]): LookupFunction =>
  (_host, { all }, done) => {
    const [first, ...more] = addresses.map((address) => ({ address, family: isIP(address) }))
    if (all) done(null, [first!, ...more])
    else done(null, first!.address, first!.family)
  }

const isKey = (body: Uint8Array): boolean => {
  const first = body[0] ?? 0
  // A public key packet, in the old or the new form of its header (RFC 9580, section 4.2).
  if ((first & 0xc0) === 0xc0 ? (first & 0x3f) === 6 : (first & 0xbc) === 0x98) return true
  return (first & 0x80) === 0 && Buffer.from(body).includes('-----BEGIN PGP PUBLIC KEY BLOCK-----')
}

function judgeHead(answer: IncomingMessage): void {
  const {
    'content-type': type = '',
    'content-encoding': encoding = 'identity',
    'content-length': length,
  } = answer.headers
  // Nobody asked for compressed answers: what unpacks to gigabytes stays packed.
  if (encoding.trim().toLowerCase() !== 'identity') throw new FetchFailure('unfit', 'the answer is compressed')
  if (/^\s*(text\/html|application\/xhtml)/i.test(type)) throw new FetchFailure('unfit', 'the answer is a page')
  if (Number(length) > MOST_BYTES) throw new FetchFailure('too-large', `${length} bytes`)
}

async function bodyOf(answer: IncomingMessage): Promise<Buffer> {
  judgeHead(answer)
  const pieces: Buffer[] = []
  let size = 0
  for await (const piece of answer as AsyncIterable<Buffer>) {
    size += piece.length
    if (size > MOST_BYTES) throw new FetchFailure('too-large', `over ${MOST_BYTES} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}

function ask(url: URL, { addresses, port, agent }: Place, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const asking = request(url, {
      agent,
      port,
      lookup: pinned(addresses),
      servername: url.hostname,
      rejectUnauthorized: true,
      signal,
      headers: { Host: url.host, Accept: '*/*', 'User-Agent': 'chatelaine' },
    })
    asking.on('response', resolve)
    asking.on('error', reject)
    asking.end()
  })
}

const told = (error: unknown, signal: AbortSignal): FetchFailure => {
  if (error instanceof FetchFailure) return error
  if (signal.aborted) return new FetchFailure('timeout', 'no answer in time')
  const { code, message } = error as NodeJS.ErrnoException
  return new FetchFailure('unreachable', code ?? message)
}

/**
 * Fetches keys from servers that anybody may name by writing a mail address: https only, no address that is not public,
 * the connection goes to the very address that was judged, at most 1 MiB, at most two redirects on the same host, all of
 * it within one deadline and only so many at a time. Sends no cookie and no credentials, and heeds no proxy.
 */
export function guardedFetch({ resolve, internal, ca, timeoutMs }: GuardedFetchOptions): GuardedFetch {
  const own = new Map(internal.map((host) => [host.host, host]))
  const agent = new Agent(alone)
  // Made once: it reads all authorities of the machine.
  const secureContext = ca ? createSecureContext({ ca: [...getCACertificates('default'), ca] }) : undefined
  const ownAgent = secureContext ? new Agent({ ...alone, secureContext }) : agent
  const queue = boundedQueue(WIDTH, BOUND)

  function judgeUrl(url: URL): void {
    const bare = url.hostname.replace(/^\[|\]$/g, '')
    const isOwn = own.has(url.hostname)
    const isFit = url.protocol === 'https:' && !url.username && !url.password && url.hash === '' && !isIP(bare)
    if (!isFit || (!isOwn && (url.port !== '' || !/[^.]\.[^.]+$/.test(bare))))
      throw new FetchFailure('forbidden', 'not a URL that may be asked')
  }

  async function placeOf(url: URL, signal: AbortSignal): Promise<Place> {
    const host = own.get(url.hostname)
    if (host) return { addresses: [host.ip], port: host.port, agent: ownAgent }
    const addresses = isPublicName(url.hostname) ? await resolve(url.hostname, signal) : []
    if (addresses.length === 0) throw new FetchFailure('no-host', 'there is no such host')
    // One that is not public spoils them all: no honest host has both.
    if (!addresses.every(isPublicAddress)) throw new FetchFailure('forbidden', 'not a public address')
    return { addresses, port: 443, agent }
  }

  async function follow(start: URL, signal: AbortSignal): Promise<Uint8Array | null> {
    signal.throwIfAborted()
    judgeUrl(start)
    const place = await placeOf(start, signal)
    let url = start
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const answer = await ask(url, place, signal)
      try {
        const status = answer.statusCode ?? 0
        if (status === 200) return keysIn(await bodyOf(answer))
        if (ABSENT.has(status)) return null
        const { location } = answer.headers
        if (!REDIRECTS.has(status) || !location || !URL.canParse(location, url))
          throw new FetchFailure('unreachable', `status ${status}`)
        url = new URL(location, url)
        judgeUrl(url)
        // The place that was judged is asked once more, so the name cannot lead elsewhere meanwhile.
        if (url.host !== start.host) throw new FetchFailure('forbidden', 'a redirect to another host')
      } finally {
        answer.destroy()
      }
    }
    throw new FetchFailure('forbidden', 'too many redirects')
  }

  return {
    deadline: () => AbortSignal.timeout(timeoutMs),
    async keysAt(url, signal = AbortSignal.timeout(timeoutMs)) {
      const nobodyWaits = new Promise<never>((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      })
      try {
        // Waiting for one's turn counts: a crowd of slow servers costs nobody more than the deadline.
        return await Promise.race([queue.run(() => follow(url, signal)), nobodyWaits])
      } catch (error) {
        if (error instanceof QueueFull) throw new FetchFailure('busy', 'too many questions at a time')
        throw told(error, signal)
      }
    },
  }
}

function keysIn(body: Buffer): Uint8Array {
  if (!isKey(body)) throw new FetchFailure('unfit', 'the answer is no key')
  return body
}
