import type { PasswordFault, PasswordPolicy } from '#src/domain/refusals.ts'

const contents: Record<PasswordPolicy['mustInclude'], string> = {
  letters: 'anything will do',
  lettersAndNumbers: 'it needs letters and digits',
  lettersAndNumbersAndSpecial: 'it needs letters, digits and other characters',
}

/** What is wrong with a new password, for who chooses it. */
export const passwordFaults: Record<PasswordFault, (policy: PasswordPolicy) => string> = {
  short: ({ minLength }) => `it is too short: at least ${minLength} characters`,
  long: ({ maxLength }) => `it is too long: at most ${maxLength} characters`,
  plain: ({ mustInclude }) => contents[mustInclude],
  unfit: () => 'it is not made as it must be',
  'own-name': () => 'it is only the name of the account or of this service',
  common: () => 'it is one that is tried first',
  breached: () => 'it is known from a breach of some service',
  reused: ({ historySize }) => `it is one of the last ${historySize}`,
  'too-young': ({ renewalInterval }) => `the last change was less than ${renewalInterval} days ago`,
}
