import { type ContentType, parseContentType } from './content-type.ts'
import { headerValue, splitMessage, view } from './message.ts'
import { decodeTransfer } from './transfer-encoding.ts'

/** A message or a part of one. `bytes` are header and body exactly as they came, without the line end before a boundary. */
export type Entity = {
  bytes: Uint8Array
  body: Uint8Array
  contentType: ContentType
  disposition: ContentType
  encoding: string | null
}

export const bounds = { depth: 12, parts: 20_000 } as const

export function entityOf(bytes: Uint8Array): Entity {
  const message = splitMessage(bytes)
  return {
    bytes,
    body: view(bytes).subarray(message.bodyOffset),
    contentType: parseContentType(headerValue(message, 'content-type')),
    disposition: parseContentType(headerValue(message, 'content-disposition')),
    encoding: headerValue(message, 'content-transfer-encoding'),
  }
}

export function isMultipart(entity: Pick<Entity, 'contentType'>): boolean {
  return entity.contentType.type.startsWith('multipart/')
}

export function decodedBody(entity: Entity): Uint8Array {
  return decodeTransfer(entity.body, entity.encoding)
}

/**
 * The parts of a multipart body, RFC 2046 section 5.1.1, at most `most`. One pass over the bytes. A missing last
 * boundary is forgiven; a body in which no boundary is found has no parts.
 */
export function partsOf(entity: Pick<Entity, 'contentType' | 'body'>, most: number): Uint8Array[] {
  const boundary = entity.contentType.parameters.get('boundary')
  if (!boundary || boundary.length > 200) return []
  const body = view(entity.body)
  const parts: Uint8Array[] = []
  let start = -1
  for (const line of boundaryLines(body, `--${boundary}`)) {
    if (start !== -1) parts.push(body.subarray(start, Math.max(start, lineEndBefore(body, line.start))))
    if (line.isLast || parts.length >= most) return parts
    start = line.end
  }
  if (start !== -1) parts.push(body.subarray(start))
  return parts
}

/** How many random bytes make a boundary that nobody foresees. */
export const BOUNDARY_BYTES = 18

/** A boundary of random bytes. `=_` can occur neither in base64 nor in quoted-printable. */
export const newBoundary = (chance: Uint8Array): string => `=_${Buffer.from(chance).toString('hex')}`

type BoundaryLine = { start: number; end: number; isLast: boolean }

function* boundaryLines(body: Buffer, delimiter: string): Generator<BoundaryLine> {
  const first = Buffer.from(delimiter, 'latin1')
  // A delimiter in the middle of a line is none: with a line end before it, a body full of such is soon looked through.
  const wanted = Buffer.from(`\n${delimiter}`, 'latin1')
  const opens = body.subarray(0, first.length).equals(first)
  let at = opens ? -1 : body.indexOf(wanted)
  if (!opens && at === -1) return
  do {
    const start = at + 1
    const from = start + first.length
    const tail = mayEndHere(body[from]) ? lineTail(body, from) : null
    if (tail) yield { start, end: from + tail[0].length, isLast: tail[1] !== undefined }
    at = body.indexOf(wanted, from)
  } while (at !== -1)
}

/** A blank, a tab, a line end, a dash, or nothing. */
const mayEndHere = (byte: number | undefined): boolean =>
  byte === undefined || byte === 0x20 || byte === 0x09 || byte === 0x0d || byte === 0x0a || byte === 0x2d

const lineTail = (body: Buffer, from: number): RegExpExecArray | null =>
  /^(--)?[ \t]*(\r?\n|$)/.exec(body.subarray(from, from + 80).toString('latin1'))

/** The line end in front of a boundary belongs to the boundary, not to the part. */
function lineEndBefore(body: Buffer, at: number): number {
  if (body[at - 1] !== 0x0a) return at
  return body[at - 2] === 0x0d ? at - 2 : at - 1
}
