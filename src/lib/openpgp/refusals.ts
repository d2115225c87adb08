/** Every expected no of the OpenPGP engine; anything else that goes wrong is a fault. */
export type OpenPgpReason =
  | 'key.unreadable'
  | 'key.too-large'
  | 'key.no-key'
  | 'key.not-secret'
  | 'key.locked'
  | 'key.mismatch'
  | 'key.bad-user-id'
  | 'key.sha1-binding'
  | 'key.expired'
  | 'key.revoked'
  | 'key.no-encryption-subkey'
  | 'key.no-signing-key'
  | 'key.no-user-id'
  | 'key.not-yet-valid'
  | 'key.unsupported'
  | 'key.weak'
  | 'password.wrong'
  | 'message.unreadable'
  | 'message.no-key'
  | 'message.tampered'
  | 'message.too-large'

/** A reason in one word for programs, without what it is about: `expired`, `sha1-binding`. */
export const reasonWord = (reason: OpenPgpReason): string => reason.replace(/^\w+\./, '')

/** The form in which a refusal crosses the thread boundary. */
export type PlainRefusal = { reason: OpenPgpReason; detail: string; recipient?: number }

/** An expected no. `detail` is for logs; `recipient` is the index of the certificate that cannot be encrypted to. */
export class OpenPgpRefusal extends Error {
  readonly reason: OpenPgpReason
  readonly detail: string
  readonly recipient: number | undefined

  constructor(reason: OpenPgpReason, detail = '', recipient?: number) {
    super(detail ? `${reason}: ${detail}` : reason)
    this.name = 'OpenPgpRefusal'
    this.reason = reason
    this.detail = detail
    this.recipient = recipient
  }

  toPlain(): PlainRefusal {
    return { reason: this.reason, detail: this.detail, recipient: this.recipient }
  }
}

/** A job ran longer than its limit; its worker was ended. */
export class OpenPgpTimeout extends Error {
  override name = 'OpenPgpTimeout'
}

/** All workers are at work and the queue is full: try again after `retryAfter` seconds. */
export class PoolBusy extends Error {
  override name = 'PoolBusy'
  readonly retryAfter: number
  constructor(retryAfter = 1) {
    super()
    this.retryAfter = retryAfter
  }
}

/** The pool was closed while the job waited or ran. */
export class PoolClosed extends Error {
  override name = 'PoolClosed'
}

/** Runs `work`; a failure that is not a refusal already becomes one, because the input came from outside. */
export async function refusing<T>(reason: OpenPgpReason, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof OpenPgpRefusal) throw error
    throw new OpenPgpRefusal(reason, messageOf(error))
  }
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
