import { createHash, randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, isIP } from 'node:net'
import {
  AUTHENTIC_DATA,
  type DecodedPacket,
  DNSSEC_OK,
  decode,
  encode,
  type Packet,
  RECURSION_DESIRED,
  type RecordType,
} from 'dns-packet'
import ipaddr from 'ipaddr.js'
import type { KeyFinder } from './key-finder.ts'

/** A name server that checks DNSSEC, on this machine: what it says of that is believed. */
export interface DaneOptions {
  host: string
  port: number
  /** milliseconds for a question, over TCP too where it takes that */
  timeoutMs: number
}

// OPENPGPKEY (RFC 7929) is 61; the library writes types it has no name for like this.
const OPENPGPKEY = 'UNKNOWN_61' as RecordType
const LONGEST_LABEL = 56
// What passes every network in one piece (dnsflagday.net/2020).
const UDP_BYTES = 1232
const TCP_BYTES = 65_537

type Answer = DecodedPacket & { rcode: string }

/** The name that the keys of an address stand at (RFC 7929, section 3): 28 octets of SHA-256 of the local part. */
export function daneName(address: string): string {
  const at = address.lastIndexOf('@')
  const digest = createHash('sha256').update(address.slice(0, at)).digest('hex')
  return `${digest.slice(0, LONGEST_LABEL)}._openpgpkey.${address.slice(at + 1)}`
}

const questionFor = (name: string): Packet & { id: number } => ({
  id: randomInt(65_536),
  type: 'query',
  // AD asks for the verdict (RFC 6840, section 5.7), DO for the answer to be judged at all.
  flags: RECURSION_DESIRED | AUTHENTIC_DATA,
  questions: [{ type: OPENPGPKEY, name }],
  additionals: [
    { type: 'OPT', name: '.', udpPayloadSize: UDP_BYTES, flags: DNSSEC_OK, options: [] } as unknown as NonNullable<
      Packet['additionals']
    >[number],
  ],
})

/** The answer to a question among what arrived; null for anything else. */
function answerIn(bytes: Buffer, { id, questions }: Packet): Answer | null {
  try {
    const answer = decode(bytes) as Answer
    const [asked] = answer.questions ?? []
    const isOurs = answer.id === id && answer.type === 'response' && asked?.type === OPENPGPKEY
    return isOurs && asked.name.toLowerCase() === questions![0]!.name.toLowerCase() ? answer : null
  } catch {
    return null
  }
}

async function overUdp({ host, port }: DaneOptions, question: Packet, signal: AbortSignal): Promise<Answer> {
  const socket = createSocket(isIP(host) === 6 ? 'udp6' : 'udp4')
  // What goes wrong is told by `once`; beside it, an error nobody hears would end the process.
  socket.on('error', () => {})
  // A connected socket hears nobody else.
  socket.connect(port, host)
  try {
    await once(socket, 'connect', { signal })
    socket.send(encode(question))
    for (;;) {
      const [bytes] = await once(socket, 'message', { signal })
      const answer = answerIn(bytes, question)
      if (answer) return answer
    }
  } finally {
    socket.close()
  }
}

async function overTcp({ host, port }: DaneOptions, question: Packet, signal: AbortSignal): Promise<Answer> {
  const socket = connect({ host, port, signal })
  try {
    const text = encode(question)
    const length = Buffer.alloc(2)
    length.writeUInt16BE(text.length)
    socket.write(Buffer.concat([length, text]))
    let got = Buffer.alloc(0)
    for await (const piece of socket) {
      got = Buffer.concat([got, piece])
      const whole = got.length >= 2 ? got.readUInt16BE(0) + 2 : TCP_BYTES
      if (got.length < whole) continue
      const answer = answerIn(got.subarray(2, whole), question)
      if (answer) return answer
      break
    }
    throw new Error('no answer to the question')
  } finally {
    socket.destroy()
  }
}

/**
 * Keys in the DNS (RFC 7929), and only where DNSSEC holds: the resolver is asked, and believed because it is on this
 * machine. Throws for one that is not.
 */
export function daneFinder(options: DaneOptions): KeyFinder {
  const { host, timeoutMs } = options
  const isHere = ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback'
  if (!isHere) throw new Error(`${host} is no loopback address: what a resolver says of DNSSEC is believed only there`)
  return {
    async byAddress(address) {
      const signal = AbortSignal.timeout(timeoutMs)
      const question = questionFor(daneName(address))
      const first = await overUdp(options, question, signal)
      const answer = first.flag_tc ? await overTcp(options, question, signal) : first
      if (answer.rcode === 'NXDOMAIN') return []
      // SERVFAIL is what a resolver says of a zone whose signatures are wrong.
      if (answer.rcode !== 'NOERROR') throw new Error(`the resolver says ${answer.rcode}`)
      if (!answer.flag_ad) return []
      const records = (answer.answers ?? []).filter(({ type }) => type === OPENPGPKEY)
      return records.map((record) => Uint8Array.from((record as unknown as { data: Buffer }).data))
    },
  }
}
