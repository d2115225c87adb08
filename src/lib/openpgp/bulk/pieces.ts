/** The bytes of all parts, in order, as views of at most `most` bytes: nothing is copied. */
export function* piecesOf(parts: Uint8Array[], most: number): Generator<Uint8Array> {
  for (const part of parts) for (let at = 0; at < part.length; at += most) yield part.subarray(at, at + most)
}

/**
 * The bytes of all parts in pieces of exactly `size`, the last one shorter; copied only where a piece spans two parts. A
 * piece is good until the next one.
 */
export function* evenPiecesOf(parts: Iterable<Uint8Array>, size: number): Generator<Uint8Array> {
  const rest = new Uint8Array(size)
  let filled = 0
  for (const part of parts) {
    let at = 0
    while (at < part.length) {
      if (filled === 0 && part.length - at >= size) {
        yield part.subarray(at, at + size)
        at += size
        continue
      }
      const taken = part.subarray(at, at + size - filled)
      rest.set(taken, filled)
      filled += taken.length
      at += taken.length
      if (filled < size) continue
      yield rest
      filled = 0
    }
  }
  if (filled > 0) yield rest.subarray(0, filled)
}

export function lengthOf(parts: Uint8Array[]): number {
  return parts.reduce((sum, { length }) => sum + length, 0)
}
