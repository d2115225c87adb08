import { type PrivateKey, readPrivateKey } from 'openpgp'
import { sealFor } from '../messages.ts'
import { framesOf } from '../packets.ts'
import { wholeBody } from './bodies.ts'
import { bytesOf } from './output.ts'

/** Seals without armor. */
export async function sealed(data: Uint8Array, forWhom: Parameters<typeof sealFor>[1]): Promise<Uint8Array> {
  return new Uint8Array(bytesOf(await sealFor([data], forWhom)))
}

export const libraryKey = (secret: Uint8Array): Promise<PrivateKey> => readPrivateKey({ binaryKey: secret })

/** Bytes that do not repeat soon. */
export function noise(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = 0x2545f491 ^ length
  for (let index = 0; index < length; index++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    bytes[index] = state >>> 24
  }
  return bytes
}

/** The same packets, the last one's body cut into pieces of partial length, 2^`exponent` bytes each. */
export function inPieces(packets: Uint8Array, exponent: number): Uint8Array {
  const last = framesOf(packets, 1000)!.at(-1)!
  const { body } = wholeBody(packets, last)!
  const out: Uint8Array[] = [packets.subarray(0, last.start), Uint8Array.of(0xc0 | last.tag)]
  let at = 0
  for (; body.length - at > 2 ** exponent; at += 2 ** exponent) {
    out.push(Uint8Array.of(0xe0 | exponent), body.subarray(at, at + 2 ** exponent))
  }
  const rest = body.subarray(at)
  const length = Buffer.from([0xff, 0, 0, 0, 0])
  length.writeUInt32BE(rest.length, 1)
  return Buffer.concat([...out, length, rest])
}
