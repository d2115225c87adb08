import { setImmediate } from 'node:timers/promises'
import { Refusal } from '#src/domain/refusals.ts'
import { STEP } from '#src/lib/joined-bytes.ts'

/** One part of a form: its bytes, and the file name if the client gave one. */
export interface Part {
  name: string
  filename: string | null
  type: string
  data: Buffer
}

const PARTS_AT_MOST = 20
const HEADER_AT_MOST = 16_384

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
  const beginning = bytes.subarray(0, HEADER_AT_MOST)
  const blank = beginning.indexOf('\r\n\r\n')
  const bare = beginning.indexOf('\n\n')
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

/** Where `wanted` stands next, -1 for nowhere. Others are served in between: to look through a large body takes a while. */
async function nextOf(wanted: Buffer, body: Buffer, from: number): Promise<number> {
  for (let at = from; at < body.length; at += STEP) {
    const found = body.subarray(at, at + STEP + wanted.length - 1).indexOf(wanted)
    if (found >= 0) return at + found
    if (body.length > at + STEP) await setImmediate()
  }
  return -1
}

/** A delimiter with nothing behind it is the unclosed end. */
const isBlank = (bytes: Buffer): boolean => bytes.length < HEADER_AT_MOST && bytes.toString('latin1').trim() === ''

/**
 * Reads multipart/form-data (RFC 7578) as real clients write it: parts without file name or content type, and a body
 * whose last delimiter lacks its closing dashes (docs/guard.md). Fields by name; a name twice is refused. The parts are
 * views of the body.
 */
export async function parseMultipart(body: Buffer, contentType: string): Promise<Record<string, Part>> {
  const delimiter = Buffer.from(`--${boundaryOf(contentType)}`)
  const onNewLine = Buffer.concat([Buffer.from('\n'), delimiter])
  const parts: Record<string, Part> = Object.create(null)
  let at = await nextOf(delimiter, body, 0)
  if (at < 0) throw new Refusal('input.unreadable')
  for (let count = 0; at >= 0; count++) {
    if (count > PARTS_AT_MOST) throw new Refusal('input.invalid')
    const start = at + delimiter.length
    if (body.subarray(start, start + 2).toString('latin1') === '--') break
    const next = await nextOf(onNewLine, body, start)
    const end = next < 0 ? body.length : next + 1
    const inside = body.subarray(start, end)
    if (isBlank(inside)) break
    const lineEnd = inside.subarray(0, HEADER_AT_MOST).indexOf('\n') + 1
    const part = parsePart(next < 0 ? inside.subarray(lineEnd) : withoutLineEnd(inside.subarray(lineEnd)))
    if (part.name in parts) throw new Refusal('input.invalid', { params: [part.name], sent: ['***'] })
    parts[part.name] = part
    at = next < 0 ? -1 : next + 1
  }
  return { ...parts }
}
