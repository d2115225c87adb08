import { setImmediate } from 'node:timers/promises'
import { joinedBytes } from '../joined-bytes.ts'
import { splitMessage, view } from './message.ts'
import { newBoundary } from './multipart.ts'
import { extendedValue } from './parameters.ts'
import { line, rawFields } from './parts.ts'
import { base64Of } from './transfer-encoding.ts'

/** A file that goes with a mail. */
export interface OutgoingFile {
  name: string
  type: string
  data: Uint8Array
}

// Whole lines of base64, and few enough that others are served in between.
const STEP = 57 * 4096
const TYPE = /^[\w.+-]{1,60}\/[\w.+-]{1,100}$/
// These have boundaries or messages inside that would have to be looked after.
const STRUCTURED = /^(multipart|message)\//i

const typeOf = (type: string): string => (TYPE.test(type) && !STRUCTURED.test(type) ? type : 'application/octet-stream')

/** RFC 2231, with a name in ASCII for programs that do not know it. */
function headOf({ name, type }: OutgoingFile): Buffer {
  const ascii = name.replace(/[^\x20-\x7e]|["\\]/g, '_')
  return Buffer.concat([
    line(`Content-Type: ${typeOf(type)}`),
    line('Content-Transfer-Encoding: base64'),
    line('Content-Disposition: attachment;'),
    line(` filename="${ascii}";`),
    line(` filename*=${extendedValue(name)}`),
    line(''),
  ])
}

async function* encoded(data: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < data.length; at += STEP) {
    yield base64Of(data.subarray(at, at + STEP))
    await setImmediate()
  }
}

/**
 * A mail with files attached: what it was becomes the first part. `chance`: 18 random bytes. Names must be safe to
 * save.
 */
export async function withFiles(
  message: Uint8Array,
  files: readonly OutgoingFile[],
  chance: Uint8Array,
): Promise<Uint8Array> {
  if (files.length === 0) return message
  const boundary = newBoundary(chance)
  const { fields, bodyOffset } = splitMessage(message)
  const isContent = ({ name }: { name: string }) => name.startsWith('content-')
  const pieces: Uint8Array[] = [
    rawFields(fields.filter((field) => !isContent(field))),
    line('Content-Type: multipart/mixed;'),
    line(` boundary="${boundary}"`),
    line(''),
    line(`--${boundary}`),
    rawFields(fields.filter(isContent)),
    line(''),
    view(message).subarray(bodyOffset),
  ]
  for (const file of files) {
    pieces.push(line(''), line(`--${boundary}`), headOf(file))
    for await (const piece of encoded(file.data)) pieces.push(piece)
  }
  pieces.push(line(''), line(`--${boundary}--`))
  return joinedBytes(pieces)
}
