import { crc32, deflateSync } from 'node:zlib'

/** Pictures made by hand, so that a test can have any header it likes. */

const chunk = (name: string, data: Uint8Array): Buffer => {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data])
  const frame = Buffer.alloc(8)
  frame.writeUInt32BE(data.length)
  frame.writeUInt32BE(crc32(body), 4)
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
}

const PNG_OPENS = Buffer.from('89504e470d0a1a0a', 'hex')

/** A grey picture; `pixels` false leaves out what a decoder would unfold, so that the header may claim anything. */
export function png(width: number, height: number, pixels = width * height < 1e6): Buffer {
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  header.set([8, 0, 0, 0, 0], 8)
  const data = deflateSync(Buffer.alloc(pixels ? (width + 1) * height : 8, 0))
  return Buffer.concat([PNG_OPENS, chunk('IHDR', header), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))])
}

const segment = (marker: number, data: Uint8Array): Buffer => {
  const head = Buffer.from([0xff, marker, 0, 0])
  head.writeUInt16BE(data.length + 2, 2)
  return Buffer.concat([head, data])
}

/** A JPEG as far as its markers go; `before` stands between its start and the frame. */
export function jpeg(width: number, height: number, before: Uint8Array = new Uint8Array()): Buffer {
  const frame = Buffer.from([8, 0, 0, 0, 0, 1, 1, 0x11, 0])
  frame.writeUInt16BE(height, 1)
  frame.writeUInt16BE(width, 3)
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, Buffer.from('JFIF\0\x01\x01\0\0\x01\0\x01\0\0', 'latin1')),
    before,
    segment(0xdb, Buffer.alloc(65, 1)),
    segment(0xc0, frame),
    segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])),
    Buffer.from([0x3f, 0x10, 0xff, 0xd9]),
  ])
}

/** A GIF whose one frame may be larger than its screen. */
export function gif(width: number, height: number, frame: [number, number] = [width, height]): Buffer {
  const screen = Buffer.from('GIF89a\0\0\0\0\x80\0\0\0\0\0\xff\xff\xff', 'latin1')
  screen.writeUInt16LE(width, 6)
  screen.writeUInt16LE(height, 8)
  const image = Buffer.from([0x2c, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 2, 0x44, 1, 0, 0x3b])
  image.writeUInt16LE(frame[0], 5)
  image.writeUInt16LE(frame[1], 7)
  return Buffer.concat([screen, image])
}

const WEBP = 'UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA'

/** A lossy WebP of one pixel that claims to be larger. */
export function webp(width: number, height: number): Buffer {
  const bytes = Buffer.from(WEBP, 'base64')
  bytes.writeUInt16LE(width, 26)
  bytes.writeUInt16LE(height, 28)
  return bytes
}

/** A lossless WebP of one pixel, and an animated one. */
export const otherWebps = [
  'UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==',
  'UklGRlIAAABXRUJQVlA4WAoAAAASAAAAAAAAAAAAQU5JTQYAAAD/////AABBTk1GJgAAAAAAAAAAAAAAAAAAAGQAAABWUDhMDQAAAC8AAAAQBxAREYiI/gcA',
].map((text) => Buffer.from(text, 'base64'))

const SVG = 'xmlns="http://www.w3.org/2000/svg"'

export const svg = (inside = '<circle r="4"/>', attributes = 'width="16" height="16"'): Buffer =>
  Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<!-- drawn -->\n<svg ${SVG} ${attributes}>${inside}</svg>\n`)

/** SVGs that would do something in a browser. */
export const activeSvgs = [
  svg('<script>fetch("/api/v1/oauth2?me=true")</script>'),
  svg('<rect width="9" height="9"/>', 'width="16" height="16" onload="alert(1)"'),
  svg('<image href="https://elsewhere.example/spy.png"/>'),
  svg('<a href="javascript:alert(1)"><set attributeName="href" to="javascript:alert(2)"/></a>'),
  svg('<foreignObject><iframe xmlns="http://www.w3.org/1999/xhtml" src="/"/></foreignObject>'),
]

/** What is none of the pictures that we take, or no longer one. */
export const notPictures: Record<string, Uint8Array> = {
  nothing: Buffer.alloc(0),
  text: Buffer.from('a picture of a text'),
  json: Buffer.from('{"data":"iVBORw0KGgo="}'),
  html: Buffer.from('<!DOCTYPE html><html><body><svg width="1" height="1"></svg></body></html>'),
  'html behind a comment': Buffer.from('<!-- <svg width="1" height="1"> --><html></html>'),
  xml: Buffer.from('<?xml version="1.0"?><note width="1" height="1"></note>'),
  bmp: Buffer.from('424d3a0000000000000036000000280000000100000001000000010018000000000004000000', 'hex'),
  tiff: Buffer.from('49492a0008000000020000010400010000000100000001010400010000000100000000000000', 'hex'),
  icon: Buffer.from('00000100010101000000010018003000000016000000', 'hex'),
  zip: Buffer.from('504b0304140000000000', 'hex'),
  'the beginning of a png': png(8, 8).subarray(0, 20),
  'a png without pixels': Buffer.concat([png(8, 8).subarray(0, 33), png(8, 8).subarray(-12)]),
  'a png without its end': png(8, 8).subarray(0, -12),
  'a png of nothing': png(0, 8),
  'a png of an endless chunk': Buffer.concat([png(8, 8).subarray(0, 33), Buffer.from('ffffffff49444154', 'hex')]),
  'the beginning of a jpeg': jpeg(8, 8).subarray(0, 60),
  'a jpeg without its end': jpeg(8, 8).subarray(0, -2),
  'a jpeg of no height': jpeg(8, 0),
  // Padding makes a lenient reader take the next segment for the frame.
  'a jpeg with a gap': jpeg(8, 8, Buffer.from([0, 0, 0xff, 0xff])),
  'the beginning of a gif': gif(8, 8).subarray(0, 10),
  'a gif that stops in a frame': gif(8, 8).subarray(0, -3),
  'a gif without a frame': Buffer.concat([gif(8, 8).subarray(0, 19), Buffer.from([0x3b])]),
  'the beginning of a webp': webp(8, 8).subarray(0, 20),
  'a webp without its end': webp(8, 8).subarray(0, -4),
  'an svg without a size': svg('', ''),
  'an svg without its end': svg().subarray(0, -10),
  'an svg that is all beginning': Buffer.from('<svg '.repeat(5000)),
  'an svg in UTF-16': Buffer.from('\ufeff<svg width="1" height="1"></svg>', 'utf16le'),
  'an svg with bytes that are no UTF-8': Buffer.concat([svg('').subarray(0, -7), Buffer.from([0xff, 0xc3, 0x28])]),
  'an svg with entities of its own': Buffer.from(
    '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><svg width="1" height="1">&b;</svg>',
  ),
}

/** Small files that would unfold into a very large picture. */
export const bombs: Record<string, Uint8Array> = {
  'a wide png': png(4097, 1),
  'a high png': png(1, 4097),
  'a giant png': png(0x7fffffff, 0x7fffffff, false),
  'a giant jpeg': jpeg(65_535, 65_535),
  'a giant jpeg behind a small one in a comment': jpeg(65_535, 65_535, segment(0xfe, jpeg(8, 8))),
  'a giant gif': gif(65_535, 65_535),
  'a small gif with a giant frame': gif(1, 1, [65_535, 65_535]),
  'a giant webp': webp(16_383, 16_383),
  'a giant svg': svg('', 'width="99999" height="99999"'),
  'a giant svg in metres': svg('', 'width="50m" height="50m"'),
  'an endless svg': svg('', 'width="1e400" height="1e400"'),
  'a giant svg by its box': svg('', 'viewBox="0 0 99999,99999"'),
}
