import { Secret, TOTP } from 'otpauth'
import type { Context } from '#src/context.ts'
import { type Account, addressesOf } from '#src/domain/accounts/accounts.ts'
import { type Channel, canCarry } from '#src/domain/messages/messages.ts'
import type { Policy } from '#src/domain/policy/policy.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { seats } from '#src/domain/seats.ts'
import { isAddress, mailboxOf, maskedAddress, maskedNumber, plainAddress } from '#src/lib/mail-address.ts'

export type Kind = 'authApp' | 'email' | 'sms'

interface FactorKind {
  /** how its codes travel; null when the person's own device makes them */
  channel: Channel | null
  /** may people add one? */
  isOffered(policy: Policy): boolean
  /** may it get back a lost user name, or a lost password? */
  recovers: Record<'usernameRecovery' | 'passwordRecovery', (policy: Policy) => boolean>
  /** the target as it is kept; refuses one that does not fit */
  target(ctx: Context, account: Account, given: string | undefined): Promise<string>
  /** the target as it may be shown */
  shown(target: string): string
  /** the secret of a new factor, base32, or null when there is none */
  secret(ctx: Context): string | null
}

async function mailTarget(ctx: Context, account: Account, given: string | undefined): Promise<string> {
  const address = plainAddress(given ?? '')
  if (!isAddress(address)) throw new Refusal('factor.target-invalid')
  // A code to the mailbox that it protects would protect nothing, and recovery would go round in a circle.
  const own = (await addressesOf(ctx, account)).map(mailboxOf)
  if (own.includes(mailboxOf(address))) throw new Refusal('factor.target-invalid')
  return address
}

/**
 * A phone number with its country, as +41446681800; refuses with 'factor.target-invalid'. Whether it exists is for the
 * carrier to say: numbering plans grow faster than tables of them.
 */
export async function phoneNumber(given: string): Promise<string> {
  // Large tables, needed by few: loaded when the first number comes.
  const { default: parsePhoneNumber } = await import('libphonenumber-js')
  // `extract` would find a number in the middle of whatever is said around it.
  const number = parsePhoneNumber(given.trim(), { extract: false })
  if (!number?.isPossible()) throw new Refusal('factor.target-invalid')
  return number.number
}

const smsTarget = (_ctx: Context, _account: Account, given: string | undefined): Promise<string> =>
  phoneNumber(given ?? '')

async function noTarget(_ctx: Context, _account: Account, given: string | undefined): Promise<string> {
  if (given !== undefined) throw new Refusal('factor.target-invalid')
  return ''
}

/** The key of an authenticator as it is kept and shown. */
export const base32Of = (bytes: Uint8Array): string => new Secret({ buffer: new Uint8Array(bytes).buffer }).base32

// 160 bits, as RFC 4226 recommends (R6).
const freshSecret = (ctx: Context): string => base32Of(ctx.clock.chance.bytes(20))

const recoversBy = (kind: 'email' | 'sms'): FactorKind['recovers'] => ({
  usernameRecovery: (policy) => policy.usernameRecoveryMethods.includes(kind),
  passwordRecovery: (policy) => policy.passwordRecoveryMethods.includes(kind),
})

export const kinds = {
  authApp: {
    channel: null,
    isOffered: ({ twoStep, twoStepMethods }) => twoStep !== 'disabled' && twoStepMethods.includes('authApp'),
    recovers: { usernameRecovery: () => false, passwordRecovery: () => false },
    target: noTarget,
    shown: () => '',
    secret: freshSecret,
  },
  email: {
    channel: 'mail',
    isOffered: (policy) => policy.alternateEmailAddress,
    recovers: recoversBy('email'),
    target: mailTarget,
    shown: maskedAddress,
    secret: () => null,
  },
  sms: {
    channel: 'sms',
    isOffered: (policy) => policy.phoneNumber,
    recovers: recoversBy('sms'),
    target: smsTarget,
    shown: maskedNumber,
    secret: () => null,
  },
} satisfies Record<Kind, FactorKind>

export const kindOf = (kind: string): FactorKind => kinds[kind as Kind]

const isCarried = (ctx: Context, { channel }: FactorKind): boolean => channel === null || canCarry(ctx, channel)

/** May this kind be a second factor, by the policy and by what can be carried? */
export const isUsable = (ctx: Context, policy: Policy, kind: string): boolean =>
  policy.twoStepMethods.includes(kind as Kind) && isCarried(ctx, kindOf(kind))

/** May this kind be added to an account: for the second step, or to get back in? */
export const isAllowed = (ctx: Context, policy: Policy, kind: string): boolean =>
  kinds[kind as Kind].isOffered(policy) && isCarried(ctx, kindOf(kind))

/** The secret of a factor that has one, base32. */
export const secretOf = (ctx: Context, { id, secret }: { id: string; secret: string | null }): string =>
  ctx.secrets.sealer.open(secret ?? '', seats.factor(id)).toString()

const PERIOD = 30

const totp = (ctx: Context, secret: string, label: string): TOTP =>
  new TOTP({ issuer: ctx.config.totpIssuer, label, algorithm: 'SHA1', digits: 6, period: PERIOD, secret })

/** The otpauth: URI that an authenticator scans. */
export const otpauthUri = (ctx: Context, secret: string, label: string): string => totp(ctx, secret, label).toString()

/** The 30-second step whose code this is, one step of drift allowed both ways (RFC 6238 §5.2); null for a wrong one. */
export function totpStep(ctx: Context, secret: string, code: string): number | null {
  const now = ctx.clock.now()
  if (!/^\d{6}$/.test(code)) return null
  const drift = totp(ctx, secret, '').validate({ token: code, timestamp: now, window: 1 })
  return drift === null ? null : Math.floor(now / 1000 / PERIOD) + drift
}

/** Seconds until an authenticator shows its next code. */
export const secondsToNextStep = (ctx: Context): number => PERIOD - (Math.floor(ctx.clock.now() / 1000) % PERIOD)
