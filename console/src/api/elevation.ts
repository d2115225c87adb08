import { ApiError, type CallOptions, call } from './client.ts'

const HEADER = 'X-Axigen-Security-Token'

// For the page's life only, and of this session only; the server ends it after ten minutes, or with a change.
let token: string | null = null
let ask: (() => Promise<string>) | null = null

/** The dialogue that asks for the password says how; see parts/elevation-dialog.tsx. Null when it leaves. */
export function whenAsked(asker: (() => Promise<string>) | null): void {
  ask = asker
}

/** Somebody closed the dialogue: nothing was done, and nothing is wrong. */
export class Cancelled extends Error {
  override name = 'Cancelled'
}

const wantsToken = (error: unknown): boolean =>
  error instanceof ApiError && ['SECURITY_TOKEN_REQUIRED', 'SECURITY_TOKEN_INVALID'].includes(error.code)

/** A call that may want the password once more: it is asked for only when the server says so. */
export async function elevated<T = null>(method: string, path: string, options: CallOptions = {}): Promise<T> {
  const attempt = () =>
    call<T>(method, path, { ...options, headers: { ...options.headers, ...(token ? { [HEADER]: token } : {}) } })
  try {
    return await attempt()
  } catch (error) {
    if (!wantsToken(error) || !ask) throw error
    token = await ask()
    return attempt()
  }
}

/** Gets a token with a password that was typed a moment ago: nobody is asked for it twice. Without, the dialogue asks. */
export async function elevateBy(password: string): Promise<void> {
  try {
    const json = { password }
    const { securityToken } = await call<{ securityToken: string }>('POST', '/api/v1/account/security/check', { json })
    token = securityToken
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
  }
}

/** Forgets it, when somebody else signs in. */
export function dropElevation(): void {
  token = null
}
