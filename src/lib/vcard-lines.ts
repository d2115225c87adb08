// A line of a head, such as `item1.EMAIL;TYPE=work`; longer ones nobody writes.
const HEAD_AT_MOST = 1000
const LINES_AT_MOST = 2000
// A text that long nobody reads; keys are longer.
const VALUE_AT_MOST = 16_384
const KEY_AT_MOST = 1024 * 1024

const ENCODINGS = new Set(['QUOTED-PRINTABLE', 'BASE64', 'B', '7BIT', '8BIT'])

/** The text of a vCard file. Old ones are no UTF-8: those are read as Windows-1252, as the programs that wrote them did. */
export function textOfCards(bytes: Uint8Array): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

/** Where the head of a line ends: the first colon that is not within quotes; -1 when there is none. */
function endOfHead(line: string): number {
  let isQuoted = false
  for (let at = 0; at < Math.min(line.length, HEAD_AT_MOST); at++) {
    const mark = line[at]
    if (mark === '"') isQuoted = !isQuoted
    else if (mark === ':' && !isQuoted) return at
  }
  return -1
}

const parametersOf = (head: string): string[] => head.match(/(?:[^;"]|"[^"]*"?)+/g) ?? []

/** Parameters as later versions write them: version 2.1 leaves their names out. */
const named = (parameter: string): string => {
  if (parameter.includes('=')) return parameter
  return `${ENCODINGS.has(parameter.toUpperCase()) ? 'ENCODING' : 'TYPE'}=${parameter}`
}

const isQuotedPrintable = (line: string): boolean =>
  /;(ENCODING=)?QUOTED-PRINTABLE[;:]/i.test(line.slice(0, HEAD_AT_MOST))

function decodeQuoted(value: string, charset: string): string {
  const bytes = Buffer.from(
    value.replace(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  )
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    // A charset that nobody knows.
    return new TextDecoder().decode(bytes)
  }
}

/** The name of a property, without the group that it may be in, lower case. */
const nameOf = (head: string): string => head.slice(head.indexOf('.') + 1).toLowerCase()

/** One of the `wanted` properties as version 3.0 would write it, on one line; null for a line that is none. */
function modern(line: string, wanted: ReadonlySet<string>): string | null {
  const end = endOfHead(line)
  if (end <= 0) return null
  const [head = '', ...given] = parametersOf(line.slice(0, end))
  const name = nameOf(head)
  if (!wanted.has(name)) return null
  const parameters = given.map(named)
  const value = line.slice(end + 1, end + 1 + (name === 'key' ? KEY_AT_MOST : VALUE_AT_MOST))
  if (!isQuotedPrintable(line)) return `${[name, ...parameters].join(';')}:${value}`
  const charset = /^CHARSET="?([\w-]{1,40})"?$/i
  const found = parameters.map((parameter) => charset.exec(parameter)?.[1]).find(Boolean)
  const kept = parameters.filter((parameter) => !charset.test(parameter) && !/^ENCODING=/i.test(parameter))
  const text = decodeQuoted(value, found ?? 'utf-8').replace(/\r\n?|\n/g, '\\n')
  return `${[name, ...kept].join(';')}:${text}`
}

/** The whole of a line that was folded: by indentation (RFC 6350, section 3.2), or by soft breaks of quoted-printable. */
function unfolded(lines: readonly string[], at: number): { line: string; next: number } {
  const pieces = [lines[at]!]
  let next = at + 1
  if (isQuotedPrintable(pieces[0]!))
    while (next < lines.length && pieces.at(-1)!.endsWith('=')) {
      pieces.push(pieces.pop()!.slice(0, -1), lines[next]!)
      next++
    }
  while (next < lines.length && /^[ \t]/.test(lines[next]!)) {
    pieces.push(lines[next]!.slice(1))
    next++
  }
  return { line: pieces.join(''), next }
}

/**
 * The cards of a file, one after the other, each as those of its properties that are wanted (lower case): on one line
 * each, without their groups, and in the way of version 3.0. Lines outside of cards are passed over, as are those of a
 * card beyond 2,000. Linear in the text.
 */
export function* cardLines(text: string, wanted: ReadonlySet<string>): Generator<string[]> {
  const lines = text.split(/\r\n|\n|\r/)
  let card: string[] | null = null
  for (let at = 0; at < lines.length; ) {
    if (lines[at] === '') {
      at++
      continue
    }
    const { line, next } = unfolded(lines, at)
    at = next
    const mark = line.slice(0, 20).trim().toUpperCase()
    if (mark === 'BEGIN:VCARD') card = []
    else if (mark === 'END:VCARD') {
      if (card) yield card
      card = null
    } else if (card && card.length < LINES_AT_MOST) {
      const property = modern(line, wanted)
      if (property) card.push(property)
    }
  }
}
