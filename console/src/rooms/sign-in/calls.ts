import { queryOptions } from '@tanstack/react-query'
import { call, send } from '../../api/client.ts'
import { canUsePasskeys, provePasskey } from '../../api/passkeys.ts'
import { enterSession, type Session } from '../../api/session.ts'
import type { rulesOf } from '../../enrolment/password-rules.ts'

const API = '/api/v1'

export interface Captcha {
  id: string
  /** an object URL of the picture; whoever has it revokes it */
  picture: string
}

export interface Credentials {
  username: string
  password: string
  rememberLogin: boolean
  captchaId?: string
  captchaText?: string
}

export async function needsCaptcha(username: string): Promise<boolean> {
  return (await call<{ isRequired: boolean }>('GET', `${API}/captcha/status`, { query: { username } })).isRequired
}

/** A new picture to read, good for one sign-in of this name. */
export async function fetchCaptcha(username: string): Promise<Captcha> {
  const response = await send('GET', `${API}/captcha`, { query: { username, t: Date.now() } })
  return { id: response.headers.get('x-captcha-id') ?? '', picture: URL.createObjectURL(await response.blob()) }
}

export async function signIn(json: Credentials): Promise<Session | null> {
  const { sessid } = await call<{ sessid: string }>('POST', `${API}/login/cookie`, { json })
  return enterSession(sessid)
}

export { canUsePasskeys }

export async function signInByPasskey(rememberLogin: boolean): Promise<Session | null> {
  const response = await provePasskey(await call('POST', `${API}/login/passkey/options`))
  const json = { response, rememberLogin }
  const { sessid } = await call<{ sessid: string }>('POST', `${API}/login/passkey`, { json })
  return enterSession(sessid)
}

/** The rules for a new password, and what else the policy asks of the account. */
export const infoQuery = queryOptions({
  queryKey: ['account', 'info'],
  queryFn: () => call<Parameters<typeof rulesOf>[0]>('GET', `${API}/account/info`),
})

export const setPassword = (newPassword: string) =>
  call('POST', `${API}/account/password/set`, { json: { newPassword } })

export const trustBrowser = () => call('POST', `${API}/account/security/trusteddevices`, { json: {} })
