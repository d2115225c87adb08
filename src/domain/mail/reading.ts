import type { Context } from '#src/context.ts'
import type { Origin } from '#src/domain/caller.ts'
import { inOurWords, type Proof, unlockedSecrets } from '#src/domain/keys/keys.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Signed } from '#src/domain/sessions/sessions.ts'
import type { MailFormat } from '#src/lib/openpgp/types.ts'
import { learnFrom } from './autocrypt.ts'
import { readHeader } from './header.ts'
import { openedAndJudged } from './opening.ts'
import { relayedBy } from './relayed.ts'
import { circleOf, type MailSignature } from './signers.ts'
import { askedForPassword } from './unopened.ts'
import { type ProtectedHeader, protectedHeaders, type VerificationResult, verificationOf } from './verification.ts'

export interface DecryptedMail {
  encrypted: boolean
  format: MailFormat
  /** the header, as far as none stood inside as it came, and what was encrypted or signed; in parts that follow each other */
  message: Uint8Array[]
  /** more than that stood in the mail; it is left out */
  hasMore: boolean
  signatures: MailSignature[]
  verification: VerificationResult
  /** the guest of this house whose answer it is, where the house is in From */
  relayedBy: string | null
  /** of the header, what stood inside as well */
  protectedHeaders: ProtectedHeader[]
  /** the From inside names somebody else than the one outside */
  fromDiffers: boolean
  /** From names one person, in a way that cannot be read as anybody else */
  hasOneAuthor: boolean
}

/**
 * Opens a mail that is encrypted or signed, and judges its signatures. Only what was under the encryption or the
 * signature comes out, never what stood beside it. Refuses with 'mail.unreadable', 'mail.not-encrypted' (and not signed
 * either), 'mail.not-for-us', 'mail.tampered', and what stands in the way of unlocking the keys, also of the one among
 * several that the mail is for. A stranger's key that
 * nobody has is asked for in the world, which may take as long as one source may.
 */
export async function decryptMail(
  ctx: Context,
  { signed, message, proof, origin }: { signed: Signed; message: Uint8Array; proof: Proof; origin: Origin },
): Promise<DecryptedMail> {
  const header = readHeader(message)
  const { openpgp } = ctx.workers
  const format = await inOurWords(openpgp.formatOfMail({ message }))
  if (!format) throw new Refusal('mail.not-encrypted')
  const encrypted = format.startsWith('pgp-')
  const circle = await circleOf(ctx, header, signed.account)
  const secrets = encrypted ? (await unlockedSecrets(ctx, { signed, proof, origin })).all : []
  const sealed = { message, secrets, header, circle, reader: signed.account }
  const { opened, signatures } = await openedAndJudged(ctx, sealed).catch(askedForPassword(ctx, signed.account, proof))
  const { protection, hasMore, gossip } = opened
  const fromDiffers = protection?.fromDiffers ?? false
  const relayed = relayedBy(ctx, { message: opened.message, protection, signatures })
  // Whose key that would be is just what is in doubt.
  if (!fromDiffers) await learnFrom(ctx, { account: signed.account, message, header, gossip, origin })
  return {
    encrypted,
    format,
    message: opened.message,
    hasMore,
    signatures,
    verification: verificationOf(signatures, { hasMore, relayedBy: relayed }),
    relayedBy: relayed,
    protectedHeaders: protectedHeaders(protection, { signatures, relayedBy: relayed }),
    fromDiffers,
    hasOneAuthor: (protection?.authors ? protection : header).author !== null,
  }
}

/**
 * Judges the signatures of a mail that everybody can read; no key is needed. Refuses with 'mail.unreadable',
 * 'mail.not-signed', and 'input.invalid' for one that is encrypted.
 */
export async function verifyMail(
  ctx: Context,
  { signed, message, origin }: { signed: Signed; message: Uint8Array; origin: Origin },
): Promise<DecryptedMail> {
  readHeader(message)
  const format = await inOurWords(ctx.workers.openpgp.formatOfMail({ message }))
  if (!format) throw new Refusal('mail.not-signed')
  if (format.startsWith('pgp-'))
    throw new Refusal('input.invalid', { params: ['message, which is encrypted: it must be decrypted'] })
  return decryptMail(ctx, { signed, message, proof: 'stored', origin })
}
