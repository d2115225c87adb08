export interface PasswordRules {
  mustChangePassword: boolean
  contentPolicy: {
    minLength: number
    maxLength: number
    mustInclude: 'letters' | 'lettersAndNumbers' | 'lettersAndNumbersAndSpecial'
  }
  history: { enabled: boolean; size: number }
  allowChangeByUser: boolean
  renewalInterval: { enabled: boolean; interval: number }
  expiration: { enabled: boolean; date: string; inWarningInterval: boolean }
}

export interface Info {
  restrictions: {
    passwordPolicy: PasswordRules
    securityPolicy: {
      securityMethods: { alternateEmailAddress: boolean; phoneNumber: boolean }
      twoFactorAuthPolicy: { status: string; methods: string[] }
      passwordRecoveryMethods: ('email' | 'sms')[]
    }
  }
}

/** How well an account is protected, as far as the server can tell. */
export type Verdict = 'strong' | 'fair' | 'weak' | 'danger'

/** The one thing to do next, the most urgent first; null when there is nothing. */
export type Advice =
  | 'change-password'
  | 'second-step'
  | 'recovery-codes'
  | 'recovery-address'
  | 'review-recovery'
  | null

export interface Known {
  overview: {
    twoFactor: { status: 'disabled' | 'enabled' | 'mandatory'; configured: boolean; graceEndsDate: string }
    recoveryCodesLeft: number
    recovery: { waitingUntilDate: string }
  }
  info: Info
  /** what brings a code when the password is forgotten */
  recoveryMethods: readonly unknown[]
}

/** Few enough that a bad week uses them up. */
const FEW_CODES = 3

const canHaveStep = ({ overview }: Known): boolean => overview.twoFactor.status !== 'disabled'

/** A second step that the house has ruled out protects nobody, and neither does one that was never turned on. */
const hasStep = (known: Known): boolean => canHaveStep(known) && known.overview.twoFactor.configured

const canHaveRecovery = ({ info }: Known): boolean => {
  const { passwordRecoveryMethods, securityMethods } = info.restrictions.securityPolicy
  const { alternateEmailAddress, phoneNumber } = securityMethods
  return (
    (alternateEmailAddress && passwordRecoveryMethods.includes('email')) ||
    (phoneNumber && passwordRecoveryMethods.includes('sms'))
  )
}

const lacksRecovery = (known: Known): boolean => canHaveRecovery(known) && known.recoveryMethods.length === 0

export function verdictOn(known: Known): Verdict {
  if (known.overview.recovery.waitingUntilDate !== '') return 'danger'
  if (!hasStep(known)) return canHaveStep(known) ? 'weak' : 'fair'
  return known.overview.recoveryCodesLeft < FEW_CODES || lacksRecovery(known) ? 'fair' : 'strong'
}

export function adviceOn(known: Known): Advice {
  const { overview, info } = known
  const { expiration, allowChangeByUser } = info.restrictions.passwordPolicy
  if (overview.recovery.waitingUntilDate !== '') return 'review-recovery'
  if (canHaveStep(known) && !hasStep(known)) return 'second-step'
  if (expiration.enabled && expiration.inWarningInterval && allowChangeByUser) return 'change-password'
  if (hasStep(known) && overview.recoveryCodesLeft < FEW_CODES) return 'recovery-codes'
  return lacksRecovery(known) ? 'recovery-address' : null
}
