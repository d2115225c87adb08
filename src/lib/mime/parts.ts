import { type ContentType, parseContentType } from './content-type.ts'
import { type HeaderField, headerValue, splitMessage, toCrlf, view } from './message.ts'
import { bounds, type Entity, isMultipart, partsOf } from './multipart.ts'

/** A message part that is about to be changed: its Content fields, as they came, and its body. */
export interface Part {
  fields: HeaderField[]
  body: Uint8Array
}

/** A part with what it says of itself. */
export type Leaf = Part & Pick<Entity, 'contentType' | 'disposition' | 'encoding'>

/** The same after a change: whole lines with CRLF, and the body in pieces. */
export interface MadePart {
  head: Uint8Array
  body: Uint8Array[]
}

/** What to put in the place of a part that holds no others; null: it stays. */
export type Change = (leaf: Leaf) => MadePart | null

const crlf = Buffer.from('\r\n')

export const line = (text: string): Buffer => Buffer.from(`${text}\r\n`, 'latin1')

/** A field at the very end of a header may lack its line end. */
export const rawFields = (fields: HeaderField[]): Buffer =>
  Buffer.concat(fields.flatMap(({ raw }) => (raw.at(-1) === 0x0a ? [raw] : [raw, crlf])))

export const partOf = (bytes: Uint8Array): Part => {
  const { fields, bodyOffset } = splitMessage(bytes)
  return { fields, body: view(bytes).subarray(bodyOffset) }
}

export function leafOf({ fields, body }: Part): Leaf {
  const value = (name: string) => headerValue({ fields, bodyOffset: 0 }, name)
  const [contentType, disposition] = ['content-type', 'content-disposition'].map((name) =>
    parseContentType(value(name)),
  )
  return {
    fields,
    body,
    contentType: contentType!,
    disposition: disposition!,
    encoding: value('content-transfer-encoding'),
  }
}

/** A part in one piece, as it stands in a message. */
export const piecesOfPart = ({ head, body }: MadePart): Uint8Array[] => [head, crlf, ...body]

/** Bytes with parts of them put out of the way by others; from the front to the back. */
export interface Splice {
  start: number
  end: number
  pieces: Uint8Array[]
}

export function spliced(bytes: Uint8Array, splices: Splice[]): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let at = 0
  for (const splice of splices) {
    pieces.push(view(bytes).subarray(at, splice.start), ...splice.pieces)
    at = splice.end
  }
  return [...pieces, view(bytes).subarray(at)]
}

/** Which of the parts inside a part are to be changed: none of those that others have signed or encrypted, ever. */
export type Choice = (type: ContentType['type'], index: number) => boolean

// Whatever is altered in there does not verify, or cannot be opened, any more.
const sealedTypes = new Set(['multipart/signed', 'multipart/encrypted'])

/**
 * A part whose innermost parts are changed one by one, those that `isChosen` leads to. The pieces of it that nobody
 * changes are not copied. `betweenParts` may change what stands around the parts of a multipart body.
 */
export function changedPart(
  part: Part,
  {
    change,
    isChosen,
    betweenParts = () => [],
  }: { change: Change; isChosen: Choice; betweenParts?: (leaf: Leaf, raw: Uint8Array[]) => Splice[] },
): MadePart {
  const base = part.body
  const left = { parts: bounds.parts as number }
  const offsetOf = (bytes: Uint8Array) => bytes.byteOffset - base.byteOffset

  function splicesIn(leaf: Leaf, depth: number): Splice[] {
    const { type } = leaf.contentType
    if (depth >= bounds.depth || sealedTypes.has(type)) return []
    const raws = type === 'message/rfc822' ? [leaf.body] : partsOf(leaf, left.parts)
    left.parts -= raws.length
    const inside = raws.flatMap((raw, index) => (isChosen(type, index) ? splicesFor(raw, depth + 1) : []))
    const from = offsetOf(leaf.body)
    const around = betweenParts(leaf, raws).map(({ start, end, pieces }) => ({
      start: start + from,
      end: end + from,
      pieces,
    }))
    return [...inside, ...around].sort((one, other) => one.start - other.start)
  }

  function splicesFor(raw: Uint8Array, depth: number): Splice[] {
    const leaf = leafOf(partOf(raw))
    if (isContainer(leaf)) return splicesIn(leaf, depth)
    const made = change(leaf)
    if (!made) return []
    const start = offsetOf(raw)
    return [{ start, end: start + raw.length, pieces: piecesOfPart(made) }]
  }

  const root = leafOf(part)
  const unchanged = { head: toCrlf(rawFields(part.fields)), body: [part.body] }
  if (!isContainer(root)) return change(root) ?? unchanged
  return { ...unchanged, body: spliced(base, splicesIn(root, 0)) }
}

const isTransparent = (encoding: string | null): boolean => /^(7bit|8bit|binary)?$/i.test((encoding ?? '').trim())

/** A message inside is a container only where its text is not encoded. */
const isContainer = (leaf: Leaf): boolean =>
  isMultipart(leaf) || (leaf.contentType.type === 'message/rfc822' && isTransparent(leaf.encoding))
