import type { Context } from '#src/context.ts'
import { type Account, addressesOf } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { type Proof, unlockedCurrent } from '#src/domain/keys/keys.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Signed } from '#src/domain/sessions/sessions.ts'
import { entityOf } from '#src/lib/mime/multipart.ts'
import { type MailHeader, readDraftHeader, readOutgoingHeader } from './header.ts'
import { ownCertificate } from './own-key.ts'
import { readersOf } from './readers.ts'
import { judgeFormat, type MailOptions, type Readers, sealMessage, signMessage } from './sealing.ts'

export type { Proof } from '#src/domain/keys/keys.ts'
export type { NamedReader } from './autocrypt.ts'
export { decryptFile, encryptFile, signFile, verifyFile } from './files.ts'
export { type MailHeader, readHeader, readOutgoingHeader } from './header.ts'
export { authorCertificates } from './own-key.ts'
export { type DecryptedMail, decryptMail, verifyMail } from './reading.ts'
export { relayFor } from './relayed.ts'
export { type MailOptions, type Readers, sealMessage, signMessage } from './sealing.ts'
export type { MailSignature } from './signers.ts'
export type { ProtectedHeader, VerificationResult } from './verification.ts'
export { viewMail } from './viewing.ts'

interface Wish {
  signed: Signed
  message: Uint8Array
  options: MailOptions
  proof: Proof
  origin: Origin
}

/**
 * The encrypted form of a whole mail: `for` everybody it goes to and its author, or for the author's own key alone, as
 * drafts and copies of sent mails are kept. Refuses, in this order: 'mail.unreadable', 'mail.no-recipient',
 * 'input.invalid' for a mail that is encrypted already, 'mail.sender-foreign' when it is to be signed, 'key.none' for a
 * key that is to be attached or encrypted to, 'mail.recipient-without-key'; then what stands in the way of unlocking
 * the key that signs.
 */
export async function encryptMail(
  ctx: Context,
  { sign, for: whom, ...wish }: Wish & { sign: boolean; for: 'recipients' | 'self' },
): Promise<Uint8Array> {
  const { signed, message, options } = wish
  const { account } = signed
  const header = whom === 'self' ? readDraftHeader(message) : readOutgoingHeader(message)
  judgeContent(message, ['multipart/encrypted'])
  judgeFormat(message, options)
  // Who signs must be who it says it is from; an unsigned mail says nothing of that to anybody.
  if (sign) await judgeAuthors(ctx, header, account)
  if (options.attachKey) await ownKey(ctx, account)
  const certificates: Readers =
    whom === 'self'
      ? { named: [], own: [await ownKey(ctx, account)], hidden: [] }
      : await readersOf(ctx, header, account)
  // Last, because a token that is good for one use must not be spent on a mail that is refused anyway.
  const signWith = sign ? await unlockedCurrent(ctx, wish) : undefined
  return sealMessage(ctx, { account, message, certificates, signWith, options, keepsBlind: whom === 'self' })
}

// Signing text in itself goes line by line, and is for mails that people read.
const MOST_INLINE = 4 * 1024 * 1024

/** A whole mail, signed and readable. Refuses like `encryptMail`, as far as it is about signing. */
export async function signMail(ctx: Context, wish: Wish): Promise<Uint8Array> {
  const { signed, message, options } = wish
  const { account } = signed
  const header = readDraftHeader(message)
  judgeContent(message, ['multipart/encrypted', 'multipart/signed'])
  judgeFormat(message, options)
  if (options.format === 'inline' && message.length > MOST_INLINE)
    throw new Refusal('input.too-large', { params: [MOST_INLINE] })
  await judgeAuthors(ctx, header, account)
  if (options.attachKey) await ownKey(ctx, account)
  return signMessage(ctx, { account, message, signWith: await unlockedCurrent(ctx, wish), options })
}

// A second layer is one that hardly any mail program opens, and surely a slip of the caller's.
function judgeContent(message: Uint8Array, not: readonly string[]): void {
  const { type } = entityOf(message).contentType
  if (not.includes(type)) throw new Refusal('input.invalid', { params: [`message, which is ${type} already`] })
}

async function judgeAuthors(ctx: Context, { authors, author }: MailHeader, account: Account): Promise<void> {
  const own = await addressesOf(ctx, account)
  const foreign = authors.filter((address) => !own.includes(address))
  if (foreign.length > 0) throw new Refusal('mail.sender-foreign', { params: foreign })
  // One address for us, and somebody else for another program: no signature of ours stands under that.
  if (authors.length === 1 && author === null) throw new Refusal('mail.unreadable')
}

async function ownKey(ctx: Context, account: Account): Promise<Uint8Array> {
  const certificate = await ownCertificate(ctx, account)
  if (!certificate) throw new Refusal('key.none')
  return certificate
}
