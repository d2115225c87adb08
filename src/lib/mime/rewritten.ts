import { joinedBytes } from '../joined-bytes.ts'
import { HEADER_BYTES, splitMessage, toCrlf, view } from './message.ts'

/**
 * A message with other header fields: those named (in lower case) left out, `added` in front, whole lines each. Its body
 * stays as it is byte for byte, and so do all other fields. Large ones are copied step by step.
 */
export async function rewrittenHeader(
  message: Uint8Array,
  { without = [], added = '' }: { without?: readonly string[]; added?: string },
): Promise<Uint8Array> {
  const { fields } = splitMessage(view(message).subarray(0, HEADER_BYTES))
  const kept = fields.filter(({ name }) => !without.includes(name))
  if (kept.length === fields.length && added === '') return message
  const last = fields.at(-1)?.raw
  const rest = last ? last.byteOffset + last.length - message.byteOffset : 0
  const endsWithCrlf = fields[0]?.raw.at(-2) === 0x0d
  const lines = Buffer.from(added, 'utf8')
  const head = Buffer.concat([lines, ...kept.map(({ raw }) => raw)])
  return joinedBytes([endsWithCrlf || fields.length === 0 ? toCrlf(head) : head, view(message).subarray(rest)])
}
