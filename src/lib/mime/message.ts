/** One header field with its folding and line ends exactly as they came. `name` is lower-case. */
export type HeaderField = { name: string; raw: Uint8Array }

export type SplitMessage = {
  fields: HeaderField[]
  /** Offset of the first byte after the empty line; the length of the input when there is no body. */
  bodyOffset: number
}

const lf = 0x0a
const cr = 0x0d

/**
 * As much of a stranger's message as may be a header: fields are read on the main thread, and this bounds what they
 * cost.
 */
export const HEADER_BYTES = 131_072

/** The same bytes as a Buffer, not copied. */
export function view(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

/**
 * Splits a message or a MIME part into its header fields and its body; nothing is decoded. Lines may end with LF or
 * CRLF. A first line `From …` of a mailbox file is skipped. A line that is neither a field nor a continuation ends the
 * header and belongs to the body, as RFC 5322 leaves to the reader.
 */
export function splitMessage(bytes: Uint8Array): SplitMessage {
  const buffer = view(bytes)
  const fields: HeaderField[] = []
  let at = startOfFields(buffer)
  while (at < buffer.length) {
    const empty = emptyLineAt(buffer, at)
    if (empty) return { fields, bodyOffset: at + empty }
    const name = nameAt(buffer, at)
    if (!name) return { fields, bodyOffset: at }
    const end = endOfField(buffer, at)
    fields.push({ name, raw: buffer.subarray(at, end) })
    at = end
  }
  return { fields, bodyOffset: buffer.length }
}

function startOfFields(buffer: Buffer): number {
  return buffer.subarray(0, 5).toString('latin1') === 'From ' ? lineAfter(buffer, 0) : 0
}

function emptyLineAt(buffer: Buffer, at: number): number {
  if (buffer[at] === lf) return 1
  return buffer[at] === cr && buffer[at + 1] === lf ? 2 : 0
}

function nameAt(buffer: Buffer, at: number): string | null {
  const found = /^([!-9;-~]+)[ \t]*:/.exec(buffer.subarray(at, at + 200).toString('latin1'))
  return found?.[1]?.toLowerCase() ?? null
}

function endOfField(buffer: Buffer, at: number): number {
  let end = lineAfter(buffer, at)
  while (end < buffer.length && (buffer[end] === 0x20 || buffer[end] === 0x09)) end = lineAfter(buffer, end)
  return end
}

function lineAfter(buffer: Buffer, at: number): number {
  const end = buffer.indexOf(lf, at)
  return end === -1 ? buffer.length : end + 1
}

/** The unfolded value of the first field of that name, or null. Encoded words stay encoded. */
export function headerValue(message: SplitMessage, name: string): string | null {
  return headerValues(message, name)[0] ?? null
}

/** The unfolded values of every field of that name. Raw 8-bit text is read as UTF-8 when it is, else as Latin-1. */
export function headerValues(message: SplitMessage, name: string): string[] {
  const wanted = name.toLowerCase()
  return message.fields.filter((field) => field.name === wanted).map(({ raw }) => unfolded(raw))
}

function unfolded(raw: Uint8Array): string {
  const text = textOf(raw)
  return text
    .slice(text.indexOf(':') + 1)
    .replace(/\r?\n/g, '')
    .trim()
}

/** Bytes as text: in `charset` when it is known, else UTF-8 when they are valid UTF-8, else Latin-1. */
export function textOf(bytes: Uint8Array, charset?: string): string {
  for (const label of [charset, 'utf-8']) {
    try {
      if (label) return new TextDecoder(label, { fatal: true }).decode(bytes)
    } catch {
      // An unknown or a wrong label: the next one may do.
    }
  }
  return view(bytes).toString('latin1')
}

/** Every line end becomes CRLF, the canonical form of RFC 3156, section 5. A lone CR is left alone. */
export function toCrlf(bytes: Uint8Array): Uint8Array {
  const buffer = view(bytes)
  let lone = 0
  for (let at = buffer.indexOf(lf); at !== -1; at = buffer.indexOf(lf, at + 1)) if (buffer[at - 1] !== cr) lone++
  if (lone === 0) return bytes
  const result = Buffer.allocUnsafeSlow(buffer.length + lone)
  let to = 0
  for (let from = 0; from < buffer.length; from++) {
    if (buffer[from] === lf && buffer[from - 1] !== cr) result[to++] = cr
    result[to++] = buffer[from]!
  }
  return result
}
