/**
 * Every reason to say no, as a dotted noun.state. The list is closed: each protocol owns a table that
 * `satisfies Record<Reason, …>` but for the subjects it never speaks of, so a reason added here breaks the build until
 * every protocol that may meet it has words for it.
 */
export const reasons = [
  // what arrived
  'input.invalid',
  'input.unreadable',
  'input.too-large',
  'input.slow',
  'endpoint.unknown',
  'method.unsupported',
  'feature.missing',
  'rate.exceeded',
  'server.busy',
  // who asks
  'session.missing',
  'session.invalid',
  'session.expired',
  'session.unproven',
  'session.partial',
  'session.setup',
  'session.delegated',
  'session.unknown',
  'elevation.missing',
  'elevation.invalid',
  'elevation.step-missing',
  'access.denied',
  // signing in
  'credentials.invalid',
  'credentials.delayed',
  'account.suspended',
  'account.unconfirmed',
  'password.wrong',
  'password.change-required',
  'password.weak',
  'password.reused',
  'password.too-young',
  'password.fixed',
  'password.not-due',
  'refresh.invalid',
  'challenge.invalid',
  'challenge.failed',
  'factor.required',
  'captcha.required',
  // accounts
  'account.unknown',
  'account.exists',
  'account.email-invalid',
  'account.role-invalid',
  'resource.unknown',
  'picture.unusable',
  // a subscriber who signs up again
  'signup.done',
  'signup.awaiting-mail',
  'signup.awaiting-device',
  // API keys
  'api-key.unknown',
  'api-key.foreign',
  'api-key.exists',
  'api-key.limit',
  // messages written by hand
  'mail.off',
  'sms.off',
  'message.refused',
  'message.in-hand',
  'message.over',
  // links in mails, and ways back in
  'link.invalid',
  'recovery.off',
  'recovery.token-invalid',
  'recovery.unneeded',
  // second factors
  'factor.unknown',
  'factor.kind-off',
  'factor.kind-unfit',
  'factor.target-invalid',
  'factor.exists',
  'factor.limit',
  'factor.in-use',
  'factor.unfinished',
  'enrolment.none',
  'enrolment.order',
  'code.invalid',
  'code.used',
  'code.too-soon',
  'code.too-many',
  'code.unsendable',
  'two-step.off',
  'two-step.mandatory',
  'policy.contradictory',
  // passkeys, app passwords, trusted devices
  'passkey.off',
  'passkey.unknown',
  'passkey.exists',
  'passkey.invalid',
  'passkey.limit',
  'app-password.off',
  'app-password.unknown',
  'app-password.limit',
  'device.off',
  'device.unknown',
  'device.unproven',
  // keys
  'key.none',
  'key.unknown',
  'key.unreadable',
  'key.foreign',
  'key.unusable',
  'key.public-only',
  'key.password-wrong',
  'key.password-short',
  'key.password-missing',
  'key.delayed',
  'key.token-invalid',
  'key.fixed',
  'key.recovery-off',
  'key.recovery-fixed',
  'key.algorithm-off',
  'key.unconfirmed',
  'autocrypt.invalid',
  'autocrypt.code-wrong',
  // contacts
  'contact.unknown',
  'contact.changed',
  'contact.folder-unknown',
  'contact.limit',
  // encrypted mail
  'mail.unreadable',
  'mail.no-recipient',
  'mail.recipient-without-key',
  'mail.not-encrypted',
  'mail.not-for-us',
  'mail.tampered',
  'mail.sender-foreign',
  'mail.not-signed',
  'mail.sent-already',
  // people who read their mail here because they have no key
  'guest.off',
  'guest.unknown',
  'guest.refuses',
  'guest.item-unknown',
  'guest.pin-wrong',
  'guest.has-password',
  'guest.answer-wrong',
  'guest.reset-invalid',
  // the support desk of the Guard protocol
  'support.denied',
] as const

export type Reason = (typeof reasons)[number]

/** The reasons of some subjects, such as `About<'key' | 'mail'>`: what a protocol knows nothing of. */
export type About<Subject extends string> = Extract<Reason, `${Subject}.${string}`>

/** What holds for the next password of an account. */
export interface PasswordPolicy {
  minLength: number
  maxLength: number
  mustInclude: 'letters' | 'lettersAndNumbers' | 'lettersAndNumbersAndSpecial'
  /** how many former ones may not come back; absent where all may */
  historySize?: number
  /** least days between two changes; absent where there is no such rule */
  renewalInterval?: number
}

/** What is wrong with a new password. */
export type PasswordFault =
  | 'short'
  | 'long'
  | 'plain'
  | 'common'
  | 'own-name'
  | 'breached'
  | 'unfit'
  | 'reused'
  | 'too-young'

export interface RefusalFacts {
  /** seconds until it is worth trying again */
  retryAfter?: number
  /** what the reader needs to mend it: field names, a bound, an address he sent himself; never a secret */
  params?: readonly (string | number)[]
  /** of each of `params` what was sent, as far as it may be shown; null where nothing was */
  sent?: readonly (string | null)[]
  /** what exactly is wrong with a key, for programs: 'sha1-binding', 'expired', 'no-encryption-subkey' */
  why?: string
  /** the same of each of several addresses; 'no-key' where there is none */
  reasons?: Readonly<Record<string, string>>
  /** ids of keys that a message is encrypted to, 16 hex digits each */
  isFor?: readonly string[]
  /** why a new password was turned down, and what would have been taken */
  newPassword?: { fault: PasswordFault; policy: PasswordPolicy }
}

/** An expected no. Anything else that is thrown is a fault. */
export class Refusal extends Error {
  readonly reason: Reason
  readonly facts: RefusalFacts
  constructor(reason: Reason, facts: RefusalFacts = {}) {
    super(reason)
    this.reason = reason
    this.facts = facts
  }
}

/** True when `error` is a refusal for one of `among`, or for any reason where none is named. */
export const isRefusal = (error: unknown, ...among: Reason[]): error is Refusal =>
  error instanceof Refusal && (among.length === 0 || among.includes(error.reason))

/** To be given to `catch`: says `reason` for each refusal that `isRefusal` finds; all else is thrown as it is. */
export const saidAs =
  (reason: Reason, ...among: Reason[]) =>
  (error: unknown): never => {
    throw isRefusal(error, ...among) ? new Refusal(reason) : error
  }
