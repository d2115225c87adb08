import { createContext, useContext } from 'react'
import { useLocation } from 'react-router'
import type { PasswordRules } from '../../enrolment/password-rules.ts'
import type { Way } from './calls.ts'

/** What has been entered on the way: for as long as the page is open, and nowhere else. */
export interface Entered {
  username: string
  /** which of the masked ways was chosen */
  way: Way | null
  /** addresses and numbers in full, by what is shown of them */
  targets: Readonly<Record<string, string>>
  /** when something was last asked for: a code by its target, a user name by `name` and the target */
  sent: Readonly<Record<string, number>>
  reminderTo: string
  code: string
  rules: PasswordRules | null
  /** when the second factors will go, as the server said it */
  due: string | null
  isReset: boolean
}

export const nothing: Entered = {
  username: '',
  way: null,
  targets: {},
  sent: {},
  reminderTo: '',
  code: '',
  rules: null,
  due: null,
  isReset: false,
}

export interface Keeping {
  entered: Entered
  note(changes: Partial<Entered>): void
}

export const KeepingContext = createContext<Keeping>({ entered: nothing, note() {} })

export const useEntered = (): Keeping => useContext(KeepingContext)

/** What the code is for. */
export type Goal = 'password' | 'phone'

export const useGoal = (): Goal => (useLocation().pathname.startsWith('/forgotten/phone') ? 'phone' : 'password')
