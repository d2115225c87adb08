import { isUtf8 } from 'node:buffer'
import { findEncrypted } from '../mime/find-encrypted.ts'
import { textOf } from '../mime/message.ts'
import { entityOf } from '../mime/multipart.ts'
import { decryptedMessage, inlineMessage } from '../mime/opened-message.ts'
import { gossipIn } from '../mime/pgp-mime.ts'
import { decrypt } from './messages.ts'
import { OpenPgpRefusal } from './refusals.ts'
import { verifyCleartext, verifyDetached } from './signatures.ts'
import type { OpenedMail, Operations, SignatureVerdict } from './types.ts'

type Found = NonNullable<ReturnType<typeof findEncrypted>>
type Keys = Omit<Parameters<Operations['openMail']>[0], 'message'>
type Opened = Pick<OpenedMail, 'message' | 'signatures'> &
  Partial<Pick<OpenedMail, 'gossip' | 'protection' | 'hasMore'>>
type Openers = { [K in Found['kind']]: (mail: Uint8Array, found: Found & { kind: K }, keys: Keys) => Promise<Opened> }

/** How a mail is encrypted or signed; null when it is neither. */
export const formatOfMail: Operations['formatOfMail'] = async ({ message }) => findEncrypted(message)?.kind ?? null

/**
 * Opens a whole mail. What comes out is the header, which nobody vouches for, and what was encrypted or signed: never
 * a part that stood beside it. Refuses what `decrypt` refuses, and `message.unreadable` when nothing is encrypted or
 * signed. A bad signature is a verdict and no refusal.
 */
export const openMail: Operations['openMail'] = async ({ message, ...keys }) => {
  const found = findEncrypted(message)
  if (!found) throw new OpenPgpRefusal('message.unreadable', 'neither encrypted nor signed')
  const open = openers[found.kind] as (mail: Uint8Array, found: Found, keys: Keys) => Promise<Opened>
  const { gossip = [], protection = null, ...opened } = await open(message, found, keys)
  return { format: found.kind, hasMore: !found.isWhole, gossip, protection, ...opened }
}

const openers: Openers = {
  async 'pgp-mime'(mail, { armored, isWhole }, { from = 'outer', ...keys }) {
    const { data, signatures, readers } = await decrypt({ message: armored, ...keys })
    // RFC 3156, section 6.1: signed first, as a part of its own, and then encrypted.
    const inside = entityOf(data).contentType.type === 'multipart/signed' ? findEncrypted(data) : null
    const gossip = gossipIn(data)
    const further = inside?.kind === 'signed' ? await verdictsOn(inside, keys, readers) : []
    const opened = decryptedMessage(mail, inside?.kind === 'signed' ? inside.signedBytes : data, { from })
    if (opened.message.every(({ buffer }) => buffer !== data.buffer)) release(data)
    const hasMore = !isWhole || inside?.isWhole === false
    return { ...opened, hasMore, signatures: [...signatures, ...further], gossip }
  },
  async 'pgp-inline'(mail, { armored, charset }, keys) {
    const { data, signatures } = await decrypt({ message: armored, ...keys })
    return { message: inlineMessage(mail, readable(data, charset)), signatures }
  },
  async signed(mail, found, keys) {
    const opened = decryptedMessage(mail, found.signedBytes, { from: keys.from ?? 'outer', encrypted: false })
    return { ...opened, signatures: await verdictsOn(found, keys, []) }
  },
  async clearsigned(mail, { text, charset }, { verifyWith, now }) {
    const { signed, signatures } = await verifyCleartext({ message: text, verifyWith, now, readers: [] })
    return { message: inlineMessage(mail, readable(signed, charset)), signatures }
  },
}

/** Gives back what nobody needs any more, and at once: the collector would let fifty megabytes lie about. */
function release({ buffer, byteLength }: Uint8Array): void {
  // Smaller ones may lie in memory that Node shares between many.
  if (byteLength > 1024 * 1024 && buffer instanceof ArrayBuffer) buffer.transfer(0)
}

// Armor is ASCII, so programs label its part carelessly; text that is valid UTF-8 is hardly ever a single-byte charset.
const carelessLabel = /^(us-ascii|ascii|iso-8859-|windows-125)/i

const readable = (data: Uint8Array, charset = 'utf-8'): string =>
  textOf(data, carelessLabel.test(charset) && isUtf8(data) ? 'utf-8' : charset)

async function verdictsOn(
  { signedBytes, signature }: Found & { kind: 'signed' },
  { verifyWith, now }: Keys,
  readers: readonly string[],
): Promise<SignatureVerdict[]> {
  try {
    return await verifyDetached({ data: signedBytes, signature, verifyWith, now, readers })
  } catch (error) {
    // A spoiled signature must not hide the mail from its reader; it must only never count.
    if (!(error instanceof OpenPgpRefusal)) throw error
    return [{ keyId: '', fingerprint: null, created: null, status: 'invalid', reason: error.message }]
  }
}
