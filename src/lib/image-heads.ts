/**
 * How the pictures of the web are put together, as far as it takes to find their size: no pixel is decoded. A head is
 * what tells the size, alone, in a form that leaves nothing to guess; null when the picture is not whole. What may follow
 * a whole picture is not looked at.
 */
export type Head = Uint8Array | null

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
/** Four letters as the number they are in the file. */
const letters = (name: string): number => Buffer.from(name, 'latin1').readUInt32BE()

const PNG_HEADER = letters('IHDR')
const PNG_PIXELS = letters('IDAT')
const PNG_END = letters('IEND')
const PNG_HEAD = 33

/** Chunks: a length, four letters, that many bytes, a checksum. */
export function pngHead(bytes: Uint8Array): Head {
  const view = viewOf(bytes)
  let hasPixels = false
  for (let at = 8; at + 12 <= bytes.length; at += 12 + view.getUint32(at)) {
    const name = view.getUint32(at + 4)
    if (at === 8 && name !== PNG_HEADER) return null
    if (name === PNG_PIXELS) hasPixels = true
    if (name === PNG_END) return hasPixels ? bytes.subarray(0, PNG_HEAD) : null
  }
  return null
}

// Start of frame: baseline, extended, progressive. What browsers show is one of these.
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xc2
// Tables, restart interval, applications' own, comment: what may stand before it.
const isBeforeFrame = (marker: number): boolean =>
  [0xc4, 0xdb, 0xdd, 0xfe].includes(marker) || (marker >= 0xe0 && marker <= 0xef)
const END_OF_IMAGE = Buffer.from([0xff, 0xd9])
const JPEG_START = [0xff, 0xd8, 0xff, 0xe0, 0, 2]

/** Segments without a gap up to the first frame; the head has nothing before that frame. */
export function jpegHead(bytes: Uint8Array): Head {
  const view = viewOf(bytes)
  for (let at = 2; at + 4 <= bytes.length; ) {
    const marker = bytes[at + 1]!
    const length = view.getUint16(at + 2)
    const end = at + 2 + length
    if (bytes[at] !== 0xff || length < 2 || end > bytes.length) return null
    if (isFrame(marker)) {
      const isWhole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).lastIndexOf(END_OF_IMAGE) >= end
      return isWhole ? Uint8Array.from([...JPEG_START, ...bytes.subarray(at, end)]) : null
    }
    if (!isBeforeFrame(marker)) return null
    at = end
  }
  return null
}

const GIF_HEAD = 13
const tableLength = (flags: number): number => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0)

/** Where the blocks that begin at `at` end: each tells its length, and one of length 0 is the last. */
function afterBlocks(bytes: Uint8Array, at: number): number {
  let next = at
  while (next < bytes.length && bytes[next] !== 0) next += 1 + bytes[next]!
  return next + 1
}

/** A frame may be larger than the screen that the header tells of: the head has the larger of both. */
export function gifHead(bytes: Uint8Array): Head {
  if (bytes.length < GIF_HEAD) return null
  const head = Uint8Array.from(bytes.subarray(0, GIF_HEAD))
  const [screen, view] = [viewOf(head), viewOf(bytes)]
  let at = GIF_HEAD + tableLength(bytes[10]!)
  let hasPixels = false
  while (at < bytes.length && bytes[at] !== 0x3b) {
    if (bytes[at] === 0x21) at = afterBlocks(bytes, at + 2)
    else if (bytes[at] === 0x2c && at + 10 < bytes.length) {
      for (const side of [0, 2]) {
        const reach = view.getUint16(at + 1 + side, true) + view.getUint16(at + 5 + side, true)
        screen.setUint16(6 + side, Math.min(0xffff, Math.max(screen.getUint16(6 + side, true), reach)), true)
      }
      hasPixels = true
      at = afterBlocks(bytes, at + 11 + tableLength(bytes[at + 9]!))
    } else return null
  }
  // Some leave the mark of the end out.
  return hasPixels && (bytes[at] === 0x3b || at === bytes.length) ? head : null
}

const WEBP_HEAD = 30
const [LOSSY, LOSSLESS, EXTENDED, FRAME] = [letters('VP8 '), letters('VP8L'), letters('VP8X'), letters('ANMF')]
const KEY_FRAME = 0x9d012a

/** Does the chunk at `at` hold pixels? */
function isWebpPicture(view: DataView, at: number): boolean {
  const name = view.getUint32(at)
  if (name === FRAME) return true
  if (name === LOSSLESS) return view.getUint8(at + 8) === 0x2f
  return name === LOSSY && view.getUint32(at + 10) % 2 ** 24 === KEY_FRAME
}

/** Chunks in a RIFF file that tells its own length. */
export function webpHead(bytes: Uint8Array): Head {
  if (bytes.length < WEBP_HEAD) return null
  const view = viewOf(bytes)
  const end = 8 + view.getUint32(4, true)
  if (end > bytes.length || ![LOSSY, LOSSLESS, EXTENDED].includes(view.getUint32(12))) return null
  for (let at = 12; at + 14 <= end; ) {
    const next = at + 8 + view.getUint32(at + 4, true)
    if (next > end) return null
    if (isWebpPicture(view, at)) return bytes.subarray(0, WEBP_HEAD)
    at = next + (next % 2)
  }
  return null
}

// Where an SVG begins: declarations, comments, and a document type that defines no entities of its own.
const BEFORE_SVG = /(?:\s+|<\?[^>]*>|<!--(?:(?!--).)*-->|<!DOCTYPE\s[^[>]*>)*/sy
const SVG_OPENS = /<svg(?=[\s/>])/y
const ATTRIBUTE = /\s+([\w:.-]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y
const TAG_ENDS = /\s*(\/?)>/y
const SIZES = ['width', 'height', 'viewBox']
const SIZE_AT_MOST = 100
// What may stand before the first element, and in it.
const SVG_HEAD_AT_MOST = 32_768

/** The root element with nothing but what tells its size. UTF-8 only. */
export function svgHead(bytes: Uint8Array): Head {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return null
  }
  const start = text.slice(0, SVG_HEAD_AT_MOST)
  let at = 0
  const read = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(start)
    if (found) at = pattern.lastIndex
    return found
  }
  read(BEFORE_SVG)
  if (!read(SVG_OPENS)) return null
  const sizes: string[] = []
  for (let found = read(ATTRIBUTE); found; found = read(ATTRIBUTE)) {
    const [, name = '', double, single = ''] = found
    const value = (double ?? single).trim().replace(/[\s,]+/g, ' ')
    if (SIZES.includes(name) && value.length <= SIZE_AT_MOST && !/["']/.test(value)) sizes.push(`${name}="${value}"`)
  }
  const ends = read(TAG_ENDS)
  if (!ends || (ends[1] === '' && !/<\/svg\s*>/.test(text.slice(-SVG_HEAD_AT_MOST)))) return null
  return Buffer.from(`<svg ${sizes.join(' ')}>`)
}
