import { call } from '../../api/client.ts'
import type { PasswordRules } from '../../enrolment/password-rules.ts'

const API = '/api/v1/recover'

export type Kind = 'email' | 'sms'

/** Where a code may go, masked; of a name that nobody has they look the same. */
export interface Way {
  method: Kind
  target: string
}

/** As somebody typed it: a mail address has an at sign, and no number has one. */
const wished = (target: string) => (target.includes('@') ? { email: target } : { phoneNumber: target })

export const remindOfName = (target: string) => call('POST', `${API}/username`, { json: wished(target) })

export const listWays = async (username: string, signal: AbortSignal): Promise<Way[]> =>
  (await call<{ items: Way[] }>('GET', `${API}/password/methods`, { query: { username }, signal })).items

export const sendCode = (username: string, kind: Kind, target: string) =>
  call('POST', `${API}/password/sendtoken`, {
    json: { username, ...(kind === 'email' ? { email: target } : { phoneNumber: target }) },
  })

export const checkCode = async (username: string, recoveryToken: string): Promise<PasswordRules> =>
  (
    await call<{ passwordPolicy: PasswordRules }>('POST', `${API}/password/validatetoken`, {
      json: { username, recoveryToken },
    })
  ).passwordPolicy

export const setPassword = (username: string, recoveryToken: string, newPassword: string) =>
  call('POST', `${API}/password/reset`, { json: { username, recoveryToken, newPassword } })

/** Returns when the second factors will go. */
export const loseSecondStep = async (username: string, password: string, recoveryToken: string): Promise<string> =>
  (await call<{ date: string }>('POST', `${API}/secondfactor`, { json: { username, password, recoveryToken } })).date
