import { type Account, owesPassword } from '#src/domain/accounts/accounts.ts'
import type { Policy } from '#src/domain/policy/policy.ts'
import { days } from '#src/lib/clock.ts'

/** What may stand between a right password and a full session, in the order in which it is asked for. */
export const hurdles = ['required', 'setup', 'change'] as const

/** The second step; making a second factor; a new password. */
export type Hurdle = (typeof hurdles)[number]

/**
 * `delegated`: opened with what its owner gave to a program, and good for nothing that changes the account. `guest`: of
 * somebody who reads his mail here, and has no account to look after; it is good for that alone.
 */
export type State = Hurdle | 'full' | 'delegated' | 'guest'

export const isHurdle = (state: string): state is Hurdle => (hurdles as readonly string[]).includes(state)

/** What decides which hurdles stand. */
export interface Standing {
  account: Account
  policy: Policy
  /** epoch milliseconds */
  now: number
  /** does the person come from a device that may leave the second step out? */
  isTrusted: boolean
}

/** When a second factor may be missing no longer, epoch milliseconds; 0 where that time does not run. */
export const graceEnds = ({ account, policy }: Pick<Standing, 'account' | 'policy'>): number =>
  policy.twoStep === 'mandatory' && account.two_step === 0 && policy.twoStepGraceDays > 0 && account.grace_began > 0
    ? account.grace_began + days(policy.twoStepGraceDays)
    : 0

function isGraceOver(standing: Standing): boolean {
  const end = graceEnds(standing)
  return standing.policy.twoStepGraceDays === 0 || (end > 0 && end <= standing.now)
}

const stands: Record<Hurdle, (standing: Standing) => boolean> = {
  required: ({ account, policy, isTrusted }) => policy.twoStep !== 'disabled' && account.two_step === 1 && !isTrusted,
  setup: (standing) =>
    standing.policy.twoStep === 'mandatory' && standing.account.two_step === 0 && isGraceOver(standing),
  change: ({ account, policy, now }) => owesPassword(account, policy, now),
}

/** The state of a session whose owner has passed every hurdle up to `passed`; none when it is absent. */
export function nextState(standing: Standing, passed?: Hurdle): Hurdle | 'full' {
  const ahead = passed === undefined ? hurdles : hurdles.slice(hurdles.indexOf(passed) + 1)
  return ahead.find((hurdle) => stands[hurdle](standing)) ?? 'full'
}

/** Does the time begin in which a second factor may still be missing? */
export const beginsGrace = ({ account, policy }: Pick<Standing, 'account' | 'policy'>): boolean =>
  policy.twoStep === 'mandatory' && policy.twoStepGraceDays > 0 && account.two_step === 0 && account.grace_began === 0

/** Must a session have passed the second step before it may change what protects the account? */
export const needsStep = ({ account, policy }: Pick<Standing, 'account' | 'policy'>): boolean =>
  // Where the operator lets the password open a session, it may do there what it always could.
  policy.twoStep !== 'disabled' && account.two_step === 1 && policy.basicNeedsFactor

/** The last hurdle that a passkey takes at once: the person has the device, and the device has made sure of him. */
export const passedByPasskey: Hurdle = 'setup'

/** The last hurdle that a sign-in with name and password alone need not take, where the operator wants it so. */
export const waivedForBasic = ({ basicNeedsFactor }: Policy): Hurdle | undefined =>
  basicNeedsFactor ? undefined : 'setup'

/** What a sign-in that stopped at a hurdle lacks, for the record; the second step itself is the rule, and is not named. */
export const lacking = (state: State): { needs?: string } =>
  state === 'change' ? { needs: 'new password' } : state === 'setup' ? { needs: 'second factor' } : {}
