import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** An authenticator and the browser before it, written for tests: what it signs is up to the test. */

type Cbor = number | string | Uint8Array | Map<number | string, Cbor>

function head(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(major << 5) | length])
  if (length < 256) return Buffer.from([(major << 5) | 24, length])
  return Buffer.from([(major << 5) | 25, length >> 8, length & 255])
}

/** CBOR (RFC 8949) of what WebAuthn needs. */
export function cbor(value: Cbor): Buffer {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (value instanceof Map)
    return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, one]) => [cbor(key), cbor(one)])])
  return Buffer.concat([head(2, value.length), value])
}

const sha256 = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest()
const encoded = (bytes: Uint8Array | string): string => Buffer.from(bytes).toString('base64url')
const member = (key: KeyObject, name: string): Buffer =>
  Buffer.from((key.export({ format: 'jwk' }) as Record<string, string>)[name]!, 'base64url')

interface Keys {
  privateKey: KeyObject
  /** COSE (RFC 9053) */
  publicKey: Map<number, Cbor>
  hash: string | null
}

const kinds: Record<'P-256' | 'Ed25519' | 'RSA', () => Keys> = {
  'P-256': () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const cose: [number, Cbor][] = [
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, member(publicKey, 'x')],
      [-3, member(publicKey, 'y')],
    ]
    return { privateKey, publicKey: new Map(cose), hash: 'sha256' }
  },
  Ed25519: () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519')
    const cose: [number, Cbor][] = [
      [1, 1],
      [3, -8],
      [-1, 6],
      [-2, member(publicKey, 'x')],
    ]
    return { privateKey, publicKey: new Map(cose), hash: null }
  },
  RSA: () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const cose: [number, Cbor][] = [
      [1, 3],
      [3, -257],
      [-1, member(publicKey, 'n')],
      [-2, member(publicKey, 'e')],
    ]
    return { privateKey, publicKey: new Map(cose), hash: 'sha256' }
  },
}

/** What an answer may say that is not so. Everything absent is as it should be. */
export interface Twist {
  origin?: string
  rpId?: string
  challenge?: string
  type?: string
  crossOrigin?: boolean
  /** the person was there; the authenticator made sure of him */
  present?: boolean
  verified?: boolean
  counter?: number
  signature?: Uint8Array
  userHandle?: string | undefined
  id?: string
  /** attestation format and statement */
  statement?: [string, Map<string, Cbor>]
}

interface Options {
  challenge: string
  rpId?: string
  rp?: { id?: string; name: string }
  user?: { id: string; name: string; displayName: string }
}

export interface SoftPasskey {
  id: string
  /** the account that it is for, as the server named it at the registration */
  userHandle: string
  counter: number
  /** answers creation options */
  create(options: Options, twist?: Twist): Record<string, unknown>
  /** answers request options */
  get(options: Options, twist?: Twist): Record<string, unknown>
}

const UP = 1
const UV = 4
const BACKED_UP = 8 | 16
const ATTESTED = 64

/** A passkey that is about to be made, at a page of `origin`. */
export function softPasskey(
  origin: string,
  {
    kind = 'P-256',
    counts = true,
    synced = false,
  }: { kind?: keyof typeof kinds; counts?: boolean; synced?: boolean } = {},
): SoftPasskey {
  const { privateKey, publicKey, hash } = kinds[kind]()
  const credential = randomBytes(32)

  function clientData(type: string, options: Options, twist: Twist): Buffer {
    const challenge = twist.challenge ?? options.challenge
    const { crossOrigin = false } = twist
    return Buffer.from(
      JSON.stringify({ type: twist.type ?? type, challenge, origin: twist.origin ?? origin, crossOrigin }),
    )
  }

  function authenticatorData(rpId: string, twist: Twist, attested: Buffer): Buffer {
    const { present = true, verified = true } = twist
    if (twist.counter !== undefined) passkey.counter = twist.counter
    else if (counts) passkey.counter++
    const count = Buffer.alloc(4)
    count.writeUInt32BE(passkey.counter)
    const flags =
      (present ? UP : 0) | (verified ? UV : 0) | (synced ? BACKED_UP : 0) | (attested.length > 0 ? ATTESTED : 0)
    return Buffer.concat([sha256(twist.rpId ?? rpId), Buffer.from([flags]), count, attested])
  }

  const passkey: SoftPasskey = {
    id: encoded(credential),
    userHandle: '',
    counter: 0,
    create(options, twist = {}) {
      passkey.userHandle = options.user!.id
      const length = Buffer.from([0, credential.length])
      const attested = Buffer.concat([Buffer.alloc(16), length, credential, cbor(publicKey)])
      const [fmt, attStmt] = twist.statement ?? ['none', new Map()]
      const parts: [string, Cbor][] = [
        ['fmt', fmt],
        ['attStmt', attStmt],
        ['authData', authenticatorData(options.rp!.id!, twist, attested)],
      ]
      const id = twist.id ?? passkey.id
      return {
        id,
        rawId: id,
        type: 'public-key',
        authenticatorAttachment: 'platform',
        clientExtensionResults: { credProps: { rk: true } },
        response: {
          clientDataJSON: encoded(clientData('webauthn.create', options, twist)),
          attestationObject: encoded(cbor(new Map(parts))),
          transports: ['internal', 'hybrid'],
          publicKeyAlgorithm: publicKey.get(3),
        },
      }
    },
    get(options, twist = {}) {
      const data = authenticatorData(options.rpId!, twist, Buffer.alloc(0))
      const client = clientData('webauthn.get', options, twist)
      const signed = Buffer.concat([data, sha256(client)])
      const id = twist.id ?? passkey.id
      return {
        id,
        rawId: id,
        type: 'public-key',
        authenticatorAttachment: 'platform',
        clientExtensionResults: {},
        response: {
          clientDataJSON: encoded(client),
          authenticatorData: encoded(data),
          signature: encoded(twist.signature ?? sign(hash, signed, privateKey)),
          userHandle: 'userHandle' in twist ? twist.userHandle : passkey.userHandle,
        },
      }
    },
  }
  return passkey
}
