import { Refusal } from '#src/domain/refusals.ts'

// What a little body is made of is read before anybody notices, whatever it is.
const LITTLE = 16 * 1024
// More than any of our calls is made of. Reading a mebibyte of nothing but brackets holds up everybody for a fifth of a second.
const VALUES = 10_000
const DEPTH = 64

const [QUOTE, BACKSLASH, COMMA, OPENS, OPENS_LIST, CLOSES, CLOSES_LIST] = [...Buffer.from('"\\,{[}]')]

/** Where the string ends that begins behind a place: at its quote, or where the bytes do. */
function endOfString(bytes: Buffer, begin: number): number {
  for (let at = bytes.indexOf('"', begin); at >= 0; at = bytes.indexOf('"', at + 1)) {
    let slashes = 0
    while (at - slashes > begin && bytes[at - slashes - 1] === BACKSLASH) slashes++
    if (slashes % 2 === 0) return at
  }
  return bytes.length
}

/**
 * Refuses JSON of more values, or of more levels, than anybody needs: 'input.too-large'. How long its texts are is no
 * matter; they cost next to nothing.
 */
export function judgeJson(bytes: Buffer): void {
  if (bytes.length <= LITTLE) return
  let [values, depth] = [0, 0]
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === QUOTE) at = endOfString(bytes, at + 1)
    else if (byte === COMMA) values++
    else if (byte === OPENS || byte === OPENS_LIST) [values, depth] = [values + 1, depth + 1]
    else if (byte === CLOSES || byte === CLOSES_LIST) depth--
    if (values > VALUES || depth > DEPTH) throw new Refusal('input.too-large', { params: [VALUES] })
  }
}

/** The same for the fields of a form or a query. */
export function judgeFields(text: string): void {
  if (text.length <= LITTLE) return
  let fields = 0
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1))
    if (++fields > VALUES) throw new Refusal('input.too-large', { params: [VALUES] })
}
