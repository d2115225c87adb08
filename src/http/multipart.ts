import { Refusal } from '#src/domain/refusals.ts'

/** One part of a form: its bytes, and the file name if the client gave one. */
export interface Part {
  name: string
  filename: string | null
  type: string
  data: Buffer
}

const PARTS_AT_MOST = 20

function boundaryOf(contentType: string): string {
  const match = /boundary=(?:"([^"]{1,200})"|([^;\s]{1,200}))/i.exec(contentType)
  const boundary = match?.[1] ?? match?.[2]
  if (!boundary || !/^multipart\/form-data/i.test(contentType.trim())) throw new Refusal('input.unreadable')
  return boundary
}

const parameter = (header: string, name: string): string | null =>
  new RegExp(`[;\\s]${name}="((?:[^"\\\\]|\\\\.)*)"`, 'i').exec(header)?.[1] ??
  new RegExp(`[;\\s]${name}=([^;\\s"]+)`, 'i').exec(header)?.[1] ??
  null

function parsePart(bytes: Buffer): Part {
  const blank = bytes.indexOf('\r\n\r\n')
  const bare = bytes.indexOf('\n\n')
  const isBare = blank < 0 || (bare >= 0 && bare < blank)
  const end = isBare ? bare : blank
  if (end < 0) throw new Refusal('input.unreadable')
  const headers = bytes.subarray(0, end).toString('utf8').split(/\r?\n/)
  const header = (name: string) => headers.find((line) => line.toLowerCase().startsWith(`${name}:`)) ?? ''
  const name = parameter(header('content-disposition'), 'name')
  if (name === null) throw new Refusal('input.unreadable')
  return {
    name,
    filename: parameter(header('content-disposition'), 'filename'),
    type: header('content-type').slice('content-type:'.length).trim(),
    data: bytes.subarray(end + (isBare ? 2 : 4)),
  }
}

const withoutLineEnd = (bytes: Buffer): Buffer => {
  if (bytes.length >= 2 && bytes[bytes.length - 2] === 13 && bytes[bytes.length - 1] === 10)
    return bytes.subarray(0, -2)
  return bytes.length >= 1 && bytes[bytes.length - 1] === 10 ? bytes.subarray(0, -1) : bytes
}

/**
 * Reads multipart/form-data (RFC 7578) as real clients write it: parts without file name or content type, and a body
 * whose last delimiter lacks its closing dashes (docs/guard.md). Fields by name; a name twice is refused.
 */
export function parseMultipart(body: Buffer, contentType: string): Record<string, Part> {
  const delimiter = Buffer.from(`--${boundaryOf(contentType)}`)
  const parts: Record<string, Part> = Object.create(null)
  let at = body.indexOf(delimiter)
  if (at < 0) throw new Refusal('input.unreadable')
  for (let count = 0; at >= 0; count++) {
    if (count > PARTS_AT_MOST) throw new Refusal('input.invalid')
    const start = at + delimiter.length
    if (body.subarray(start, start + 2).toString('latin1') === '--') break
    const next = body.indexOf(Buffer.concat([Buffer.from('\n'), delimiter]), start)
    const end = next < 0 ? body.length : next + 1
    const inside = body.subarray(start, end)
    // A delimiter with nothing behind it is the unclosed end.
    if (inside.toString('latin1').trim() === '') break
    const lineEnd = inside.indexOf('\n') + 1
    const part = parsePart(next < 0 ? inside.subarray(lineEnd) : withoutLineEnd(inside.subarray(lineEnd)))
    if (part.name in parts) throw new Refusal('input.invalid', { params: [part.name], sent: ['***'] })
    parts[part.name] = part
    at = next < 0 ? -1 : next + 1
  }
  return { ...parts }
}
