import { type Reason, Refusal } from '#src/domain/refusals.ts'
import { type OpenPgpReason, OpenPgpRefusal, OpenPgpTimeout, reasonWord } from '#src/lib/openpgp/refusals.ts'

const reasons: Record<OpenPgpReason, Reason> = {
  'key.unreadable': 'key.unreadable',
  'key.too-large': 'input.too-large',
  'key.no-key': 'key.unreadable',
  'key.not-secret': 'key.public-only',
  'key.locked': 'key.password-missing',
  'key.mismatch': 'key.unreadable',
  'key.bad-user-id': 'input.invalid',
  'key.sha1-binding': 'key.unusable',
  'key.expired': 'key.unusable',
  'key.revoked': 'key.unusable',
  'key.no-encryption-subkey': 'key.unusable',
  'key.no-signing-key': 'key.unusable',
  'key.no-user-id': 'key.unusable',
  'key.not-yet-valid': 'key.unusable',
  'key.unsupported': 'key.unusable',
  'key.weak': 'key.unusable',
  'password.wrong': 'key.password-wrong',
  'message.unreadable': 'mail.unreadable',
  'message.no-key': 'mail.not-for-us',
  'message.tampered': 'mail.tampered',
  'message.too-large': 'input.too-large',
}

/** Waits for the OpenPGP engine; its noes become ours. `params` go with them. */
export async function inOurWords<T>(work: Promise<T>, params?: readonly string[]): Promise<T> {
  try {
    return await work
  } catch (error) {
    if (error instanceof OpenPgpRefusal) {
      const why = reasonWord(error.reason)
      // Ids that stand in the message itself.
      const isFor = error.reason === 'message.no-key' ? { isFor: error.detail.match(/\b[0-9A-F]{16}\b/gi) ?? [] } : {}
      throw new Refusal(reasons[error.reason], { why, ...(params ? { params } : {}), ...isFor })
    }
    // Input that keeps a worker busy for so long was made to do so, or the machine is overrun.
    if (error instanceof OpenPgpTimeout) throw new Refusal('server.busy', { retryAfter: 10 })
    throw error
  }
}
