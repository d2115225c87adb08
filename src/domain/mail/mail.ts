import type { Context } from '#src/context.ts'
import { type Account, addressesOf } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { inOurWords, type Proof, unlockedSecrets } from '#src/domain/keys/keys.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Signed } from '#src/domain/sessions/sessions.ts'
import { entityOf } from '#src/lib/mime/multipart.ts'
import type { MailFormat } from '#src/lib/openpgp/types.ts'
import { autocryptFields, learnFrom } from './autocrypt.ts'
import { type MailHeader, readHeader, readOutgoingHeader } from './header.ts'
import { oneAtATime } from './lines.ts'
import { openedAndJudged } from './opening.ts'
import { readersOf } from './readers.ts'
import { circleOf, type MailSignature } from './signers.ts'

export type { Proof } from '#src/domain/keys/keys.ts'
export type { MailSignature } from './signers.ts'

const BOUNDARY_BYTES = 18

/**
 * The PGP/MIME form of a whole mail, for everybody it goes to and for its author, with what Autocrypt adds. Refuses, in this order:
 * 'mail.unreadable', 'mail.no-recipient', 'input.invalid' for a mail that is encrypted already, 'mail.sender-foreign' when
 * it is to be signed, 'mail.recipient-without-key'; then what stands in the way of unlocking the key that signs.
 */
export async function encryptMail(
  ctx: Context,
  {
    signed,
    message,
    sign,
    autocrypt,
    proof,
    origin,
  }: { signed: Signed; message: Uint8Array; sign: boolean; autocrypt: boolean; proof: Proof; origin: Origin },
): Promise<Uint8Array> {
  const header = readOutgoingHeader(message)
  judgeContent(message)
  // Who signs must be who it says it is from; an unsigned mail says nothing of that to anybody.
  if (sign) await judgeAuthors(ctx, header, signed.account)
  const { named, ...readers } = await readersOf(ctx, header, signed.account)
  const { account } = signed
  const fields = autocrypt ? await autocryptFields(ctx, { account, message, header, named }) : new Uint8Array()
  // Last, because a token that is good for one use must not be spent on a mail that is refused anyway.
  const signWith = sign ? await signingSecret(ctx, { signed, proof, origin }) : undefined
  const chance = ctx.clock.chance.bytes(BOUNDARY_BYTES)
  return oneAtATime(ctx, account, () =>
    inOurWords(ctx.workers.openpgp.sealMail({ message, fields, ...readers, signWith, now: ctx.clock.now(), chance })),
  )
}

// A second layer is one that hardly any mail program opens, and surely a slip of the caller's.
function judgeContent(message: Uint8Array): void {
  if (entityOf(message).contentType.type === 'multipart/encrypted')
    throw new Refusal('input.invalid', { params: ['message, which is encrypted already'] })
}

async function judgeAuthors(ctx: Context, { authors }: MailHeader, account: Account): Promise<void> {
  const own = await addressesOf(ctx, account)
  const foreign = authors.filter((address) => !own.includes(address))
  if (foreign.length > 0) throw new Refusal('mail.sender-foreign', { params: foreign })
}

async function signingSecret(
  ctx: Context,
  asked: { signed: Signed; proof: Proof; origin: Origin },
): Promise<Uint8Array> {
  const { current } = await unlockedSecrets(ctx, asked)
  if (!current) throw new Refusal('key.none')
  return current
}

export interface DecryptedMail {
  encrypted: boolean
  format: MailFormat
  /** the header as it came, and what was encrypted or signed */
  message: Uint8Array
  /** more than that stood in the mail; it is left out */
  hasMore: boolean
  signatures: MailSignature[]
}

/**
 * Opens a mail that is encrypted or signed, and judges its signatures. Only what was under the encryption or the
 * signature comes out, never what stood beside it. Refuses with 'mail.unreadable', 'mail.not-encrypted' (and not signed
 * either), 'mail.not-for-us', 'mail.tampered', and what stands in the way of unlocking the keys. A stranger's key that
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
  const { opened, signatures } = await openedAndJudged(ctx, sealed)
  await learnFrom(ctx, { account: signed.account, message, header, gossip: opened.gossip, origin })
  return { encrypted, format, message: opened.message, hasMore: opened.hasMore, signatures }
}
