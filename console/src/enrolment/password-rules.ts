/** What a new password has to be, as the server tells it: with the account, or with a refusal. */
export interface PasswordRules {
  minLength: number
  maxLength: number
  mustInclude: 'letters' | 'lettersAndNumbers' | 'lettersAndNumbersAndSpecial'
  /** so many of the last ones are not to be used again; where no password is kept, nothing is said of it */
  historySize?: number
}

/** A rule that the page can judge by itself; the rest is for the server. */
export interface Rule {
  name: 'length' | 'longest' | 'numbers' | 'special' | 'history' | 'guessed'
  count: number
  /** null: only the server knows */
  isMet: boolean | null
}

const HAS: Record<PasswordRules['mustInclude'], readonly RegExp[]> = {
  letters: [],
  lettersAndNumbers: [/\p{L}/u, /\p{N}/u],
  lettersAndNumbersAndSpecial: [/\p{L}/u, /\p{N}/u, /[^\p{L}\p{N}]/u],
}

/** The rules that are worth saying, and whether a password that is being typed meets them. */
export function judge({ minLength, maxLength, mustInclude, historySize = 0 }: PasswordRules, password: string): Rule[] {
  // As people count: a letter outside the basic plane is one.
  const length = [...password].length
  const kinds = HAS[mustInclude]
  return [
    { name: 'length', count: minLength, isMet: length >= minLength },
    ...(length > maxLength ? [{ name: 'longest', count: maxLength, isMet: false } as const] : []),
    ...(kinds.length > 0
      ? [
          {
            name: mustInclude === 'lettersAndNumbers' ? 'numbers' : 'special',
            count: 0,
            isMet: kinds.every((kind) => kind.test(password)),
          } as const,
        ]
      : []),
    { name: 'guessed', count: 0, isMet: null },
    ...(historySize > 0 ? [{ name: 'history', count: historySize, isMet: null } as const] : []),
  ]
}

/** Does a password keep what can be judged here? The server judges again, and more. */
export const isMetBy = (rules: PasswordRules, password: string): boolean =>
  judge(rules, password).every(({ isMet }) => isMet !== false)

/** The rules as `GET /account/info` has them. */
export function rulesOf(info: {
  restrictions: {
    passwordPolicy: {
      contentPolicy: { minLength: number; maxLength: number; mustInclude: PasswordRules['mustInclude'] }
      history: { enabled: boolean; size: number }
    }
  }
}): PasswordRules {
  const { contentPolicy, history } = info.restrictions.passwordPolicy
  return { ...contentPolicy, historySize: history.enabled ? history.size : 0 }
}
