import { pictureOf } from '../image-kind.ts'
import { parseContentType } from './content-type.ts'
import { readableText } from './mailboxes.ts'
import { headerValue, splitMessage, view } from './message.ts'
import { bounds, type Entity, partsOf } from './multipart.ts'

/** A part of a mail with its Content-ID, without angle brackets; empty for none. */
export interface ViewPart extends Entity {
  id: string
}

// More than any program writes: what is larger is no header, and would take its time.
const PART_HEADER_BYTES = 65_536
/** Parts that are looked at; nobody reads more of one mail. */
const PARTS_AT_MOST = 1000
const LONGEST_NAME = 200

export function viewPartOf(bytes: Uint8Array): ViewPart {
  const { fields, bodyOffset } = splitMessage(view(bytes).subarray(0, PART_HEADER_BYTES))
  const value = (name: string) => headerValue({ fields, bodyOffset }, name)
  return {
    bytes,
    body: view(bytes).subarray(bodyOffset),
    contentType: parseContentType(value('content-type')),
    disposition: parseContentType(value('content-disposition')),
    encoding: value('content-transfer-encoding'),
    id: (value('content-id') ?? '').trim().replace(/^<|>$/g, ''),
  }
}

/** How many parts may still be looked at; `isOver`: some were not. */
export interface PartBudget {
  left: number
  isOver: boolean
}

export const partBudget = (): PartBudget => ({ left: PARTS_AT_MOST, isOver: false })

/** The parts inside a part; null for one that holds none, or too deep ones, and is a file. */
export function innerParts(part: ViewPart, depth: number, budget: PartBudget): ViewPart[] | null {
  if (!part.contentType.type.startsWith('multipart/') || depth >= bounds.depth) return null
  const raw = partsOf(part, budget.left + 1)
  if (raw.length > budget.left) budget.isOver = true
  const taken = raw.slice(0, budget.left)
  budget.left -= taken.length
  return taken.map(viewPartOf)
}

const EXTENDED = /^([\w-]+)'[\w-]*'(.*)$/s

/** A parameter as RFC 2231 encodes it, or, against the rules but widely, RFC 2047. */
function decodedParameter(value: string): string {
  const [, charset = '', encoded = ''] = EXTENDED.exec(value) ?? []
  if (charset === '') return readableText(value)
  try {
    const bytes = Buffer.from(
      encoded.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))),
      'latin1',
    )
    return readableText(new TextDecoder(charset).decode(bytes))
  } catch {
    return readableText(encoded)
  }
}

/** What a part calls itself; empty for nothing. */
export const partName = ({ disposition, contentType }: Entity): string =>
  decodedParameter(disposition.parameters.get('filename') ?? contentType.parameters.get('name') ?? '').slice(
    0,
    LONGEST_NAME,
  )

/** A type that is one. */
export const partType = ({ contentType: { type } }: Entity): string =>
  /^[\w.+-]{1,60}\/[\w.+-]{1,100}$/.test(type) ? type : 'application/octet-stream'

// A few letters of text can make a picture of gigabytes in whoever shows it.
const PIXELS_AT_MOST = 40_000_000

/** The type of a picture that may be shown inside a text; null for anything else, whatever it says of itself. */
export function shownPicture(bytes: Uint8Array): string | null {
  const picture = pictureOf(bytes)
  if (!picture || picture.kind === 'svg' || picture.width * picture.height > PIXELS_AT_MOST) return null
  return `image/${picture.kind}`
}

const sixBits = new Uint8Array(256)
for (const sign of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/') sixBits[sign.charCodeAt(0)] = 1

function base64Length(body: Uint8Array): number {
  let signs = 0
  for (let at = 0; at < body.length; at++) signs += sixBits[body[at]!]!
  return Math.floor((signs * 3) / 4)
}

/** `=` with two digits is one byte, and with a line end none. */
function quotedLength(body: Uint8Array): number {
  let length = 0
  for (let at = 0; at < body.length; at++, length++) {
    if (body[at] !== 0x3d) continue
    const isBreak = body[at + 1] === 0x0d || body[at + 1] === 0x0a
    at += body[at + 1] === 0x0a ? 1 : 2
    if (isBreak) length--
  }
  return length
}

/** Of a part when it is decoded, without decoding it: exact for whatever programs write. */
export function decodedLength({ body, encoding }: Entity): number {
  const name = (encoding ?? '').trim().toLowerCase()
  if (name === 'base64') return base64Length(body)
  return name === 'quoted-printable' ? quotedLength(body) : body.length
}
