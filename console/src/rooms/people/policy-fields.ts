/** How each value of a policy is chosen; the groups that people look for them in. */
export type Field =
  | { kind: 'flag' }
  | { kind: 'number'; least: number }
  | { kind: 'choice'; options: readonly string[] }
  | { kind: 'list'; options: readonly string[] }

const flag: Field = { kind: 'flag' }
const number = (least: number): Field => ({ kind: 'number', least })
const ways: Field = { kind: 'list', options: ['email', 'sms'] }

export const policyGroups = {
  step: {
    twoStep: { kind: 'choice', options: ['disabled', 'enabled', 'mandatory'] },
    twoStepMethods: { kind: 'list', options: ['authApp', 'email', 'sms'] },
    twoStepGraceDays: number(0),
    trustedDeviceDays: number(0),
    basicNeedsFactor: flag,
    passkeySignIn: flag,
    appPasswords: flag,
  },
  methods: {
    alternateEmailAddress: flag,
    phoneNumber: flag,
    methodsMandatory: flag,
    methodsUpdateDays: number(0),
    usernameRecoveryMethods: ways,
    passwordRecoveryMethods: ways,
  },
  password: {
    passwordMinLength: number(4),
    passwordAloneMinLength: number(4),
    passwordMaxLength: number(64),
    passwordMustInclude: { kind: 'choice', options: ['letters', 'lettersAndNumbers', 'lettersAndNumbersAndSpecial'] },
    passwordHistory: number(0),
    passwordRenewalDays: number(0),
    passwordExpiryDays: number(0),
    passwordChangeByUser: flag,
  },
} as const satisfies Record<string, Record<string, Field>>

type Groups = typeof policyGroups
export type PolicyKey = { [Group in keyof Groups]: keyof Groups[Group] }[keyof Groups]

export const policyFields = Object.assign({}, ...Object.values(policyGroups)) as Record<PolicyKey, Field>
