import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { type AddressInfo, createServer } from 'node:net'
import { decode, encode, type Packet, streamEncode } from 'dns-packet'

const DNSKEY = 48
const RRSIG = 46
const ALGORITHM = 13
const TTL = 300

const nameBytes = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map((label) => Buffer.from([label.length, ...Buffer.from(label)])),
    Buffer.alloc(1),
  ])

const number16 = (...values: number[]): Buffer =>
  Buffer.concat(values.map((value) => Buffer.from([value >> 8, value & 0xff])))

const number32 = (...values: number[]): Buffer =>
  Buffer.concat(values.map((value) => number16(Math.floor(value / 65_536), value % 65_536)))

/** RFC 4034, appendix B. */
function keyTag(rdata: Buffer): number {
  let sum = 0
  for (const [index, byte] of rdata.entries()) sum += index & 1 ? byte : byte << 8
  return (sum + (sum >>> 16)) & 0xffff
}

/** A zone of one's own, signed by hand (RFC 4034, ECDSA P-256 of RFC 6605). */
export interface SignedZone {
  port: number
  /** what a validating resolver trusts, in the words of unbound's trust-anchor */
  anchor: string
  /** records of type OPENPGPKEY, by name */
  records: Map<string, Buffer>
  /** are signatures right? */
  isHonest: boolean
  close(): void
}

export async function openZone(zone: string): Promise<SignedZone> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = createPrivateKey(privateKey.export({ format: 'pem', type: 'pkcs8' })).export({
    format: 'jwk',
  })
  const dnskey = Buffer.concat([
    number16(257),
    Buffer.from([3, ALGORITHM]),
    Buffer.from(x, 'base64url'),
    Buffer.from(y, 'base64url'),
  ])

  function rrsig(name: string, type: number, rdata: Buffer): Buffer {
    const now = Math.floor(Date.now() / 1000)
    const head = Buffer.concat([
      number16(type),
      Buffer.from([ALGORITHM, name.split('.').length]),
      number32(TTL, now + 86_400, now - 86_400),
      number16(keyTag(dnskey)),
      nameBytes(zone),
    ])
    const record = Buffer.concat([nameBytes(name), number16(type, 1), number32(TTL), number16(rdata.length), rdata])
    const signature = sign('sha256', Buffer.concat([head, record]), { key: privateKey, dsaEncoding: 'ieee-p1363' })
    if (!own.isHonest && type !== DNSKEY) signature[0]! ^= 1
    return Buffer.concat([head, signature])
  }

  function answer(question: Packet): Packet {
    const [{ name: asked = '', type = '' } = {}] = (question.questions ?? []) as { name: string; type: string }[]
    const name = asked.toLowerCase()
    const [number, rdata] =
      type === 'DNSKEY' && name === zone
        ? [DNSKEY, dnskey]
        : [61, type === 'UNKNOWN_61' ? own.records.get(name) : undefined]
    const raw = (kind: number, data: Buffer) => ({ type: `UNKNOWN_${kind}`, name, ttl: TTL, data })
    const answers = rdata ? [raw(number, rdata), raw(RRSIG, rrsig(name, number, rdata))] : []
    // AA; what is not there is said without proof.
    return { type: 'response', id: question.id, flags: 1 << 10, questions: question.questions, answers } as Packet
  }

  const tcp = createServer((socket) => {
    socket.on('error', () => {})
    socket.on('data', (bytes: Buffer) => socket.write(streamEncode(answer(decode(bytes.subarray(2))))))
  })
  await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve))
  const { port } = tcp.address() as AddressInfo
  const udp = createSocket('udp4')
  udp.on('message', (bytes, from) => {
    const full = encode(answer(decode(bytes)))
    const cut = { ...answer(decode(bytes)), answers: [], flags: (1 << 10) | (1 << 9) } as Packet
    udp.send(full.length > 1232 ? encode(cut) : full, from.port, from.address)
  })
  await new Promise<void>((resolve) => udp.bind(port, '127.0.0.1', resolve))
  const own: SignedZone = {
    port,
    anchor: `${zone}. IN DNSKEY 257 3 ${ALGORITHM} ${dnskey.subarray(4).toString('base64')}`,
    records: new Map(),
    isHonest: true,
    close() {
      udp.close()
      tcp.close()
    },
  }
  return own
}
