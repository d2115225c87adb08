import type { IncomingMessage } from 'node:http'
import { Refusal } from '#src/domain/refusals.ts'
import { joinedBytes, STEP, sharedMemory } from '#src/lib/joined-bytes.ts'
import { judgeFields, judgeJson } from './body-bounds.ts'
import type { BodyKind, Protocol } from './endpoint.ts'
import { parseMultipart } from './multipart.ts'
import { FREE, type MakeRoom } from './room.ts'
import { piecesOf } from './slow-senders.ts'

// What is read and thrown away of a body that is too large, so that its sender gets to read our answer.
const DISCARD = 8

/** Puts together what comes in pieces; a large body whose length is known goes where it will stay at once. */
function gathered(declared: number) {
  const chunks: Buffer[] = []
  let size = 0
  let whole: Buffer | null = null
  return {
    async add(chunk: Buffer): Promise<void> {
      // Only when a good part has come: a length alone is easily written.
      if (!whole && size + chunk.length > STEP && size + chunk.length <= declared) {
        const begun = await joinedBytes(chunks)
        whole = sharedMemory(declared)
        whole.set(begun)
        chunks.length = 0
      }
      if (whole) whole.set(chunk, size)
      else chunks.push(chunk)
      size += chunk.length
    },
    async end(): Promise<Buffer> {
      if (whole) return whole.subarray(0, size)
      return chunks.length === 1 ? chunks[0]! : joinedBytes(chunks)
    },
  }
}

/**
 * Reads a body of at most `limit` bytes; refuses with 'input.too-large', and 'input.slow' whoever holds others up. A large
 * one lies in shared memory.
 */
export async function readBody(message: IncomingMessage, limit: number, makeRoom: MakeRoom): Promise<Buffer> {
  const declared = Number(message.headers['content-length'] ?? 0)
  let body = gathered(declared)
  let size = 0
  let hasRoom = false
  let turnedAway: unknown = null
  const pieces = piecesOf(message)
  try {
    for (let chunk = await pieces.next(); chunk; chunk = await pieces.next()) {
      size += chunk.length
      const fits = size <= limit && declared <= limit && turnedAway === null
      if (fits && size > FREE && !hasRoom) {
        // Thrown only at the end: to leave in the middle would cut off the client before it has read our answer.
        turnedAway = await makeRoom(declared || limit).then(
          (room) => {
            pieces.given(room)
            return null
          },
          (error: unknown) => error,
        )
        hasRoom = true
      }
      if (fits && turnedAway === null) await body.add(chunk)
      else body = gathered(0)
      if (size > limit * DISCARD) break
    }
  } catch (error) {
    // The client went away in the middle, or was too slow: nobody's fault of ours.
    if (message.destroyed) throw new Refusal('input.slow')
    throw error
  } finally {
    pieces.end()
  }
  if (turnedAway) throw turnedAway
  if (size > limit) throw new Refusal('input.too-large', { params: [limit] })
  return body.end()
}

/** UTF-8 only: anything else is refused, nothing is guessed or replaced. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch {
    throw new Refusal('input.unreadable')
  }
}

/** No text of ours has a NUL in it, and PostgreSQL could not keep one: refused at the door. */
export const hasNul = (texts: readonly string[]): boolean => texts.some((text) => text.includes('\0'))

function refuseNul(name: string, value: unknown): unknown {
  if (hasNul(typeof value === 'string' ? [name, value] : [name])) throw new Refusal('input.unreadable')
  return value
}

function parseJson(text: string): unknown {
  try {
    return text.includes('\\u0000') ? JSON.parse(text, refuseNul) : JSON.parse(text)
  } catch {
    throw new Refusal('input.unreadable')
  }
}

function parseObject(text: string): Record<string, unknown> {
  const value = parseJson(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Refusal('input.unreadable', { params: ['body'] })
  return value as Record<string, unknown>
}

/**
 * The fields of a form or a query. Two values for one name are nobody's honest request (which one was checked, and which
 * one used?), nor are bytes that are no UTF-8, nor thousands of fields.
 */
export function fieldsOf(text: string): Record<string, string> {
  judgeFields(text)
  const fields = new URLSearchParams(text)
  const names = [...fields.keys()]
  const seen = new Set<string>()
  const twice = names.find((name) => seen.size === seen.add(name).size)
  if (twice !== undefined) throw new Refusal('input.invalid', { params: [twice], sent: ['***'] })
  if (hasNul([...names, ...fields.values()])) throw new Refusal('input.unreadable')
  // URLSearchParams replaces bad percent-encoded bytes.
  if (/%[0-9a-f]{2}/i.test(text) && [...fields.values()].some((value) => value.includes('\uFFFD')))
    throw new Refusal('input.unreadable')
  return Object.fromEntries(fields)
}

/** The fields of a form as a browser sends it when it could carry files too. */
async function textsOf(bytes: Buffer, contentType: string): Promise<Record<string, string>> {
  const parts = await parseMultipart(bytes, contentType)
  const fields = Object.values(parts).map(({ name, data }) => [name, decodeText(data)])
  if (hasNul(fields.flat() as string[])) throw new Refusal('input.unreadable')
  return Object.fromEntries(fields)
}

/** Turns a body into what zod will check; undefined for an absent one. */
export async function decodeBody(
  kind: BodyKind,
  bytes: Buffer,
  contentType: string,
  protocol: Protocol,
): Promise<unknown> {
  if (kind === 'none') return undefined
  if (kind === 'bytes') return bytes
  const isMultipart = /^\s*multipart\//i.test(contentType)
  if (kind === 'multipart or bytes' && !isMultipart) return bytes
  if (kind === 'form or multipart' && isMultipart) return textsOf(bytes, contentType)
  if (kind === 'multipart' || kind === 'multipart or bytes')
    return bytes.length === 0 ? {} : parseMultipart(bytes, contentType)
  const isJson = /\bjson\b/i.test(contentType)
  if (bytes.length === 0) return kind === 'json' || kind === 'json or list' ? undefined : {}
  const isForm =
    kind === 'form' ||
    kind === 'form or multipart' ||
    (kind === 'json or form' && !isJson && !/^\s*\{/.test(bytes.toString('latin1', 0, 64)))
  if (isForm) return fieldsOf(decodeText(bytes))
  if (protocol.json.requiresType && !isJson) return undefined
  judgeJson(bytes)
  // Few bodies are lists: they say so, and look at what they got.
  return kind === 'json or list' ? parseJson(decodeText(bytes)) : parseObject(decodeText(bytes))
}
