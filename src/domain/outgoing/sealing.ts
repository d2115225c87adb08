import type { Context } from '#src/context.ts'
import { authorCertificates, type NamedReader, readHeader, sealMessage, signMessage } from '#src/domain/mail/mail.ts'
import { rewrittenHeader } from '#src/lib/mime/rewritten.ts'
import type { Settled } from './inviting.ts'
import type { Outgoing } from './wishes.ts'

/** A mail as it is sealed, whoever gets it. */
export type Letter = Pick<Outgoing, 'account' | 'message' | 'signWith' | 'options'>

/** No copy tells of blind recipients, whatever the envelope says. */
export const BLIND_FIELDS: readonly string[] = ['bcc', 'resent-bcc']

/** With what its author reads a mail. */
export const ownCertificates = (ctx: Context, { account, message }: Letter): Promise<Uint8Array[]> =>
  authorCertificates(ctx, account, readHeader(message).authors)

/** One encrypted copy for some recipients; the author reads it too where `own` holds his certificates. */
export function sealedFor(
  ctx: Context,
  { account, message, signWith, options }: Letter,
  { readers, own = [] }: { readers: readonly (Settled & { how: 'encrypted' })[]; own?: readonly Uint8Array[] },
): Promise<Uint8Array> {
  const named: NamedReader[] = readers.map(({ plain, key }) => ({ address: plain, certificate: key.certificate }))
  return sealMessage(ctx, { account, message, certificates: { named, own, hidden: [] }, signWith, options })
}

/** The author's own copy, for his folder of sent mail: Bcc stays inside. null when he has no key to read it with. */
export async function ownCopy(ctx: Context, letter: Letter): Promise<Uint8Array | null> {
  const own = await ownCertificates(ctx, letter)
  if (own.length === 0) return null
  return sealMessage(ctx, { ...letter, certificates: { named: [], own, hidden: [] }, keepsBlind: true })
}

/** The copy of those who get a mail in the clear. */
export async function clearCopy(ctx: Context, { account, message, signWith, options }: Letter): Promise<Uint8Array> {
  const open = signWith ? await signMessage(ctx, { account, message, signWith, options }) : message
  return rewrittenHeader(open, { without: BLIND_FIELDS })
}
