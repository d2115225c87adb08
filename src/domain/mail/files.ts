import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { inOurWords, type Proof, unlockedCurrent, unlockedSecrets } from '#src/domain/keys/keys.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Signed } from '#src/domain/sessions/sessions.ts'
import { looksEncrypted } from '#src/lib/openpgp/armor.ts'
import type { SealedFile } from '#src/lib/openpgp/types.ts'
import { signaturesOn } from './file-signers.ts'
import { oneAtATime } from './lines.ts'
import { ownCertificate } from './own-key.ts'
import { readersOf } from './readers.ts'
import type { MailSignature } from './signers.ts'
import { askedForPassword } from './unopened.ts'

interface Asked {
  signed: Signed
  proof: Proof
  origin: Origin
}

const MOST_RECIPIENTS = 500

async function readersFor(
  ctx: Context,
  { account, to, self }: { account: Account; to: readonly string[]; self: boolean },
): Promise<Uint8Array[]> {
  if (to.length === 0 && !self) throw new Refusal('mail.no-recipient', { why: 'file' })
  if (to.length > MOST_RECIPIENTS) throw new Refusal('input.invalid', { params: [`to, over ${MOST_RECIPIENTS}`] })
  const { named } = await readersOf(
    ctx,
    { authors: [], author: null, deputies: [], named: [...to], blind: [] },
    account,
  )
  const own = self ? await ownCertificate(ctx, account) : null
  if (to.length === 0 && !own) throw new Refusal('key.none')
  return [...named.map(({ certificate }) => certificate), ...(own ? [own] : [])]
}

/**
 * Encrypts a file for the people at the addresses `to` and, with `self`, for its owner, who gets no copy where others do
 * and he has no key. A large file is written over. Refuses 'mail.no-recipient', 'key.none' when it would be for nobody,
 * 'mail.recipient-without-key'; then what stands in the way of unlocking the key that signs.
 */
export async function encryptFile(
  ctx: Context,
  {
    data,
    fileName,
    to,
    self,
    sign,
    ...asked
  }: Asked & { data: Uint8Array; fileName: string; to: readonly string[]; self: boolean; sign: boolean },
): Promise<SealedFile> {
  const { account } = asked.signed
  const recipients = await readersFor(ctx, { account, to, self })
  // Last, because a token that is good for one use must not be spent on a file that is refused anyway.
  const signWith = sign ? await unlockedCurrent(ctx, asked) : undefined
  const { openpgp } = ctx.workers
  return oneAtATime(ctx, account, () =>
    inOurWords(openpgp.sealFile({ data, fileName, recipients, signWith, now: ctx.clock.now() })),
  )
}

/**
 * Opens an encrypted file, armored or binary, and judges its signatures. A large message is written over. `fileName` is
 * what the message calls it; no signature covers that. Refuses 'mail.not-encrypted', 'mail.not-for-us', 'mail.tampered',
 * 'mail.unreadable', and what stands in the way of unlocking the keys.
 */
export async function decryptFile(
  ctx: Context,
  { message, from, ...asked }: Asked & { message: Uint8Array; from: string | null },
): Promise<{ data: Uint8Array; fileName: string; signatures: MailSignature[] }> {
  if (!looksEncrypted(message)) throw new Refusal('mail.not-encrypted')
  const { account: reader } = asked.signed
  const { all: secrets } = await unlockedSecrets(ctx, asked)
  const { openpgp } = ctx.workers
  const { data, fileName, signatures, readers } = await oneAtATime(ctx, reader, () =>
    inOurWords(openpgp.openFile({ message, secrets, now: ctx.clock.now() })),
  ).catch(askedForPassword(ctx, reader, asked.proof))
  if (signatures.length === 0) return { data, fileName, signatures: [] }
  return { data, fileName, signatures: await signaturesOn(ctx, { data, signatures, from, reader, readers }) }
}

/** An armored detached signature over the bytes of a file. Refuses what stands in the way of unlocking the key. */
export async function signFile(ctx: Context, { data, ...asked }: Asked & { data: Uint8Array }): Promise<string> {
  const signWith = await unlockedCurrent(ctx, asked)
  const { openpgp } = ctx.workers
  const { signature } = await oneAtATime(ctx, asked.signed.account, () =>
    inOurWords(openpgp.signDetached({ data, signWith, now: ctx.clock.now() })),
  )
  return signature
}

/** Judges the detached signatures of a file; no key is needed. Refuses 'mail.unreadable' for what is no signature. */
export function verifyFile(
  ctx: Context,
  {
    signed: { account: reader },
    data,
    signature,
    from,
  }: { signed: Signed; data: Uint8Array; signature: Uint8Array; from: string | null },
): Promise<MailSignature[]> {
  return signaturesOn(ctx, { data, signatures: signature, from, reader, readers: [] })
}
