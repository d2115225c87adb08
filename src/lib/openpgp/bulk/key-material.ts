import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import type { Key, Subkey } from 'openpgp'

/** Numbers of public-key algorithms, RFC 9580, section 9.1. */
export const algorithm = { rsa: 1, rsaSignOnly: 3, ecdh: 18, eddsaLegacy: 22, x25519: 25, ed25519: 27 } as const

/** The parts of a key packet that are used here; OpenPGP.js names and fills them, but does not declare them. */
export type KeyPacket = {
  version: number
  algorithm: number
  publicParams: Partial<Record<'n' | 'e' | 'Q' | 'A', Uint8Array>> & {
    oid?: { getName(): string; write(): Uint8Array }
    kdfParams?: { hash: number; cipher: number }
  }
  privateParams?: Partial<Record<'d' | 'p' | 'q' | 'u' | 'seed', Uint8Array>>
  getFingerprintBytes(): Uint8Array
  isMissingSecretKeyMaterial?(): boolean
}

export const keyPacketOf = (key: Key | Subkey): KeyPacket => key.keyPacket as unknown as KeyPacket

/** For v4 the end of the fingerprint, for v6 its beginning. */
export function keyIdOf(packet: KeyPacket): Uint8Array {
  const fingerprint = packet.getFingerprintBytes()
  return packet.version === 6 ? fingerprint.subarray(0, 8) : fingerprint.subarray(-8)
}

const asText = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')

export function x25519Public(point: Uint8Array): KeyObject {
  return createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: asText(point) }, format: 'jwk' })
}

/** The point that belongs to `seed` is given along, so that it need not be worked out. */
export function ed25519Private(seed: Uint8Array, point: Uint8Array): KeyObject {
  const d = Buffer.alloc(32)
  d.set(seed, 32 - seed.length)
  return createPrivateKey({ key: { kty: 'OKP', crv: 'Ed25519', d: asText(d), x: asText(point) }, format: 'jwk' })
}

/** OpenPGP has p⁻¹ mod q where JWK wants q⁻¹ mod p, so the primes change places. */
export function rsaPrivate({ publicParams: { n, e }, privateParams = {} }: KeyPacket): KeyObject {
  const { d, p, q, u } = privateParams as Required<NonNullable<KeyPacket['privateParams']>>
  const [secret, first, second] = [d, p, q].map((bytes) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`))
  const reduced = (prime: bigint) => asText(Buffer.from(hexOf(secret! % (prime - 1n)), 'hex'))
  return createPrivateKey({
    key: {
      kty: 'RSA',
      n: asText(n!),
      e: asText(e!),
      d: asText(d),
      p: asText(q),
      q: asText(p),
      dp: reduced(second!),
      dq: reduced(first!),
      qi: asText(u),
    },
    format: 'jwk',
  })
}

function hexOf(value: bigint): string {
  const hex = value.toString(16)
  return hex.length % 2 === 0 ? hex : `0${hex}`
}

/** A number with its length in bits, without leading zeros: RFC 9580, section 3.2. */
export function mpi(bytes: Uint8Array): Buffer {
  const first = bytes.findIndex((byte) => byte !== 0)
  const digits = first === -1 ? new Uint8Array() : bytes.subarray(first)
  const bits = digits.length === 0 ? 0 : digits.length * 8 - Math.clz32(digits[0]!) + 24
  return Buffer.concat([Uint8Array.of(bits >> 8, bits & 0xff), digits])
}
