import type { ProtectedFields } from '#src/lib/mime/opened-message.ts'
import type { MailSignature } from './signers.ts'

/**
 * What the signatures of a mail amount to. `good`: all that is shown is from the person in From, or from the guest for
 * whom this house sent it, as From says; `partly`: the same, but
 * more stood in the mail, which is left out; `other`: somebody else signed it whose key is known; `bad`: changed, or
 * signed with a key that had expired or is revoked; `unknown`: by somebody whom nobody has confirmed; `none`: not signed.
 */
export type VerificationResult = 'good' | 'partly' | 'other' | 'bad' | 'unknown' | 'none'

export function verificationOf(
  signatures: readonly MailSignature[],
  { hasMore, relayedBy }: { hasMore: boolean; relayedBy: string | null },
): VerificationResult {
  if (signatures.length === 0) return 'none'
  if (relayedBy !== null || signatures.some(({ matchesSender }) => matchesSender)) return hasMore ? 'partly' : 'good'
  if (signatures.some(({ status, trusted }) => status === 'valid' && trusted)) return 'other'
  return signatures.some(({ status }) => status !== 'valid' && status !== 'unknown-key') ? 'bad' : 'unknown'
}

/** How a field of the header was protected, in the words of RFC 9788, section 4.3. */
export interface ProtectedHeader {
  /** in lower case */
  name: string
  protection: 'signed-and-encrypted' | 'signed' | 'encrypted' | 'none'
  /** what stood outside is not what its author put there */
  changed: boolean
}

/**
 * Signed counts what the person in From signed, or the guest whom it names: the signature of anybody else says nothing for
 * the header.
 */
export function protectedHeaders(
  protection: ProtectedFields | null,
  { signatures, relayedBy }: { signatures: readonly MailSignature[]; relayedBy: string | null },
): ProtectedHeader[] {
  const isSigned = relayedBy !== null || signatures.some(({ matchesSender }) => matchesSender)
  const how = { both: 'signed-and-encrypted', signed: 'signed', hidden: 'encrypted', neither: 'none' } as const
  return (protection?.fields ?? []).map(({ name, hidden, changed }) => {
    const protectedBy = isSigned ? (hidden ? how.both : how.signed) : hidden ? how.hidden : how.neither
    return { name, protection: protectedBy, changed }
  })
}
