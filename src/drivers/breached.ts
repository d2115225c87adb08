import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

/** A list of passwords that became known, by their SHA-1. */
export interface BreachList {
  /** for the log */
  readonly name: string
  /** Is a digest, forty upper-case hex digits, on the list? Throws when the list cannot be asked. */
  has(digest: string): Promise<boolean>
}

const DIGEST = 40
// Longer than any line: a digest, a colon, a count, and how lines end.
const LINE = 128
// So little is read in one go rather than halved again.
const STRETCH = 4096

const LINE_SHAPE = /^[0-9A-F]{40}(:\d+)?\s*$/

const broken = () => new Error('a line is no SHA-1 in hex')

async function textAt(file: FileHandle, from: number, length: number): Promise<string> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, from)
  return buffer.toString('latin1', 0, bytesRead)
}

/** The first line that begins after a place, or null when there is none. */
async function lineAfter(file: FileHandle, place: number): Promise<{ start: number; digest: string } | null> {
  const text = await textAt(file, place, 2 * LINE)
  const end = text.indexOf('\n')
  const digest = text.slice(end + 1, end + 1 + DIGEST).toUpperCase()
  if (end < 0 || digest.trim() === '') {
    if (text.length === 2 * LINE) throw broken()
    return null
  }
  if (!/^[0-9A-F]{40}$/.test(digest)) throw broken()
  return { start: place + end + 1, digest }
}

/** Halves the file until little is left: about twenty-five short reads, however large it is. */
async function isIn(file: FileHandle, digest: string): Promise<boolean> {
  // The line begins at `low` or later, and not after `high`; at `low` there always begins one.
  let low = 0
  let high = (await file.stat()).size
  while (high - low > STRETCH) {
    const middle = Math.floor((low + high) / 2)
    const line = await lineAfter(file, middle)
    if (line?.digest === digest) return true
    if (line && line.digest < digest) low = line.start
    else high = middle
  }
  const text = await textAt(file, low, high - low + LINE)
  return text.split('\n').some((line) => line.slice(0, DIGEST).toUpperCase() === digest)
}

/** Refuses what is no such list. The beginning shows it: the same digests are also to be had by how often they were used. */
function judgeFile(path: string): void {
  const file = openSync(path, 'r')
  try {
    if (!fstatSync(file).isFile()) throw new Error('it is no file')
    const start = Buffer.alloc(STRETCH)
    const length = readSync(file, start, 0, STRETCH, 0)
    const [first = '', ...others] = start.toString('latin1', 0, length).toUpperCase().split('\n')
    // What follows the last end of a line is nothing, or cut.
    const lines = [first, ...others.slice(0, -1)]
    if (!lines.every((line) => LINE_SHAPE.test(line))) throw broken()
    if (lines.some((line, at) => at > 0 && line < lines[at - 1]!)) throw new Error('it is not in ascending order')
  } finally {
    closeSync(file)
  }
}

/**
 * A file with a digest per line, in ascending order, each with a count behind a colon or without one. It is never read
 * whole, and opened for each question: another one can be put in its place. Throws when it cannot be used.
 */
export function breachFile(path: string): BreachList {
  judgeFile(path)
  return {
    name: 'file',
    async has(digest) {
      const file = await open(path)
      try {
        return await isIn(file, digest)
      } finally {
        await file.close()
      }
    },
  }
}

const PREFIX = 5
const TIMEOUT = 2000
// Ten times what such a service answers.
const LONGEST_ANSWER = 524_288

async function wholeText(response: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let length = 0
  for await (const part of response.body ?? []) {
    length += part.length
    if (length > LONGEST_ANSWER) throw new Error('the answer is too long')
    parts.push(part)
  }
  return Buffer.concat(parts).toString('latin1')
}

/** Why a call failed, without the address that it went to: that has the beginning of the digest in it. */
function reasonOf(error: unknown): Error {
  const { name, message, cause } = error as Error & { cause?: NodeJS.ErrnoException }
  if (name === 'TimeoutError') return new Error('no answer in time')
  return new Error(name === 'TypeError' ? (cause?.code ?? 'the address cannot be called') : message)
}

/** What a line says: whether it is this digest's, and has been counted. Lines that only fill up have the count 0. */
function isCounted(line: string, rest: string): boolean {
  const [digest = '', count = '1'] = line.trim().split(':')
  return digest.toUpperCase() === rest && Number(count) > 0
}

/**
 * A service that is told the first five digits of a digest and answers with the rest of all that begin so: it does not
 * learn which one was meant. Answers are padded, so that their length tells nothing either.
 */
export function breachService(url: string): BreachList {
  const base = /[/=]$/.test(url) ? url : `${url}/`
  return {
    name: 'service',
    async has(digest) {
      try {
        const response = await fetch(base + digest.slice(0, PREFIX), {
          headers: { 'Add-Padding': 'true' },
          redirect: 'manual',
          signal: AbortSignal.timeout(TIMEOUT),
        })
        if (response.status !== 200) {
          await response.body?.cancel()
          throw new Error(`HTTP ${response.status}`)
        }
        const rest = digest.slice(PREFIX)
        return (await wholeText(response)).split('\n').some((line) => isCounted(line, rest))
      } catch (error) {
        throw reasonOf(error)
      }
    },
  }
}
