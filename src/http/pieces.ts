import { isUtf8 } from 'node:buffer'
import { setImmediate } from 'node:timers/promises'

// A multiple of three, so that the base64 of each piece ends without padding. Strings much longer than that go straight
// to old space, and fifty megabytes of them have everybody wait for the garbage collector.
const PIECE = 3 * 16_384

/** The bytes in pieces, not copied. */
export function* piecesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.subarray(at, at + PIECE)
}

async function* withPauses(pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    yield piece
    await setImmediate()
  }
}

/** A body for an answer of many megabytes: made piece by piece, so that others are served in between. */
export const streamOf = (
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
): ReadableStream<Uint8Array<ArrayBuffer>> =>
  ReadableStream.from(withPauses(pieces)) as ReadableStream<Uint8Array<ArrayBuffer>>

/** Bytes, or parts of them that follow each other, none of which ends within a letter. */
type Bytes = Uint8Array | readonly Uint8Array[]

const partsOf = (bytes: Bytes): readonly Uint8Array[] => (bytes instanceof Uint8Array ? [bytes] : bytes)

const isBase64 = (bytes: Bytes): boolean => !partsOf(bytes).every((part) => isUtf8(part))

/** All but the last a multiple of three long. */
function* piecesOfAll(parts: readonly Uint8Array[]): Generator<Uint8Array> {
  let left: Uint8Array = new Uint8Array()
  for (const part of parts)
    for (const piece of piecesOf(part)) {
      const whole = left.length === 0 ? piece : Buffer.concat([left, piece])
      left = whole.subarray(whole.length - (whole.length % 3))
      yield whole.subarray(0, whole.length - left.length)
    }
  if (left.length > 0) yield left
}

const encoder = new TextEncoder()

const base64Of = ({ buffer, byteOffset, length }: Uint8Array): Uint8Array =>
  encoder.encode(Buffer.from(buffer, byteOffset, length).toString('base64'))

/** As `jsonWithTexts`, without its end. */
function* openJson(facts: object, texts: Readonly<Record<string, Bytes>>): Generator<Uint8Array> {
  yield encoder.encode(JSON.stringify(facts).slice(0, -1))
  for (const [name, bytes] of Object.entries(texts)) {
    yield encoder.encode(`,${JSON.stringify(name)}:"`)
    const isEncoded = isBase64(bytes)
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
    for (const piece of piecesOfAll(partsOf(bytes)))
      yield isEncoded
        ? base64Of(piece)
        : encoder.encode(JSON.stringify(decoder.decode(piece, { stream: true })).slice(1, -1))
    yield encoder.encode('"')
  }
}

/**
 * JSON of an object with members, one at least, and long texts in UTF-8 behind them, in pieces. What is no UTF-8 is
 * written as its base64.
 */
export function* jsonWithTexts(facts: object, texts: Readonly<Record<string, Bytes>>): Generator<Uint8Array> {
  yield* openJson(facts, texts)
  yield encoder.encode('}')
}

export interface JsonFile {
  /** its members, one at least; `data`, its base64, comes behind them */
  about: object
  data: Uint8Array
}

/** The same with a member behind them that is a list of files. */
export function* jsonWithFiles(
  facts: object,
  { texts, name, files }: { texts: Readonly<Record<string, Bytes>>; name: string; files: readonly JsonFile[] },
): Generator<Uint8Array> {
  yield* openJson(facts, texts)
  yield encoder.encode(`,${JSON.stringify(name)}:[`)
  for (const [at, { about, data }] of files.entries()) {
    yield encoder.encode(`${at === 0 ? '' : ','}${JSON.stringify(about).slice(0, -1)},"data":"`)
    for (const piece of piecesOf(data)) yield base64Of(piece)
    yield encoder.encode('"}')
  }
  yield encoder.encode(']}')
}

/**
 * JSON of an object with a message in it, in pieces: `messageEncoding` tells whether the member `message` is its text, or
 * its base64 because it is no valid UTF-8.
 */
export const jsonWithMessage = (facts: object, message: Bytes): Iterable<Uint8Array> =>
  jsonWithTexts({ ...facts, messageEncoding: isBase64(message) ? 'base64' : 'utf-8' }, { message })
