import type { Context } from '#src/context.ts'
import { currentCertificate } from '#src/domain/keys/keys.ts'
import { isRefusal, Refusal } from '#src/domain/refusals.ts'
import type { MailHeader } from './header.ts'

/** The certificates that a mail is encrypted for. */
export interface Readers {
  recipients: Uint8Array[]
  /** their key ids stay out of the message, as their addresses stay out of the header */
  hidden: Uint8Array[]
}

/**
 * Who will be able to read a mail: everybody it goes to, and its author, whose copy in the folder of sent mail would be
 * lost otherwise. Refuses with 'mail.recipient-without-key', naming all whose key is missing, expired or revoked; an
 * author without a usable key just gets no copy.
 */
export async function readersOf(ctx: Context, { authors, named, blind }: MailHeader): Promise<Readers> {
  const usable = new Map<string, Uint8Array | null>()
  // One after another: a mail to hundreds must not fill the queue that others wait in.
  for (const address of [...named, ...blind, ...authors]) usable.set(address, await usableCertificate(ctx, address))
  const missing = [...named, ...blind].filter((address) => !usable.get(address))
  if (missing.length > 0) throw new Refusal('mail.recipient-without-key', { params: missing })
  const certificates = (addresses: string[]) => addresses.flatMap((address) => usable.get(address) ?? [])
  return { recipients: certificates([...named, ...authors]), hidden: certificates(blind) }
}

async function usableCertificate(ctx: Context, address: string): Promise<Uint8Array | null> {
  try {
    return (await currentCertificate(ctx, address))?.certificate ?? null
  } catch (error) {
    if (isRefusal(error, 'key.unusable')) return null
    throw error
  }
}
