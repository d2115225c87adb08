import { binaryOf, decodedOver, isBinary } from './armor.ts'
import { inPlaceOutput } from './bulk/in-place.ts'
import { bytesOf } from './bulk/output.ts'
import { openDocument, sealFor } from './messages.ts'
import type { Operations } from './types.ts'

const isShared = ({ buffer }: Uint8Array): boolean => buffer instanceof SharedArrayBuffer

/**
 * Encrypts a file as `encrypt` does a message, binary. A file in shared memory is written over with its own ciphertext,
 * so that no second copy of it is needed; any other comes back whole, in `extra`.
 */
export const sealFile: Operations['sealFile'] = async ({ data, ...forWhom }) => {
  const sealed = await sealFor([data], forWhom)
  const { hasChecksum, length } = sealed
  if (!isShared(data)) return { extra: bytesOf(sealed), cuts: [length], length, hasChecksum }
  const output = inPlaceOutput(data, sealed.before)
  sealed.writeTo(output)
  return { ...output.end(), length, hasChecksum }
}

/**
 * Opens a message, armored or binary, as `decrypt` does, and judges none of its signatures: they come along as packets.
 * A message in shared memory is written over with what was in it, and `data` is a view of that.
 */
export const openFile: Operations['openFile'] = async ({ message, ...keys }) => {
  const isOurs = isShared(message)
  // A Buffer would answer views where copies are wanted.
  const bytes = new Uint8Array(message.buffer, message.byteOffset, message.length)
  const decoded = isBinary(bytes)
    ? bytes
    : isOurs
      ? decodedOver(bytes)
      : binaryOf(bytes, ['MESSAGE'], 'message.unreadable')
  return openDocument(decoded, { isOurs, ...keys })
}
