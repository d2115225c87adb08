import type { Output } from './output.ts'

/**
 * A message whose ciphertext lies where its document lay, byte for byte. The rest is in `extra`: headers, wrapped keys,
 * signatures, tags. `cuts` are the lengths of the parts that make the message, by turns of `extra` and of the document.
 */
export type InPlace = { extra: Uint8Array; cuts: number[] }

/**
 * Writes a message over its own document. `before`: how many bytes lie inside in front of the document. What was not read
 * yet is never written over, because a cipher has read whatever it gives out.
 */
export function inPlaceOutput(document: Uint8Array, before: number): Output & { end(): InPlace } {
  const extra: Uint8Array[] = []
  const cuts = [0]
  let at = -before

  /** `turn`: 0 for extra, 1 for the document */
  function count(turn: 0 | 1, length: number): void {
    if (length === 0) return
    if ((cuts.length - 1) % 2 === turn) cuts[cuts.length - 1]! += length
    else cuts.push(length)
  }

  function write(bytes: Uint8Array): void {
    count(0, bytes.length)
    // A copy: the whole of what the cipher gave out would stay for a few bytes of it.
    if (bytes.length > 0) extra.push(Uint8Array.from(bytes))
  }

  function writeInner(bytes: Uint8Array): void {
    const start = Math.min(Math.max(-at, 0), bytes.length)
    const end = Math.min(Math.max(document.length - at, start), bytes.length)
    write(bytes.subarray(0, start))
    if (end > start) document.set(bytes.subarray(start, end), at + start)
    count(1, end - start)
    write(bytes.subarray(end))
    at += bytes.length
  }

  return { write, writeInner, end: () => ({ extra: Buffer.concat(extra), cuts }) }
}

/** The parts of such a message in order, as views. `memory` is where its document lay. */
export function* partsOf({ extra, cuts }: InPlace, memory: Uint8Array): Generator<Uint8Array> {
  const read = [0, 0]
  for (const [index, length] of cuts.entries()) {
    const turn = index % 2
    const from = read[turn]!
    yield (turn === 0 ? extra : memory).subarray(from, from + length)
    read[turn] = from + length
  }
}
