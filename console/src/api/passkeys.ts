import { call } from './client.ts'

// Loaded when a passkey is asked for, and not before.
const library = () => import('@simplewebauthn/browser')

type RequestOptions = Parameters<Awaited<ReturnType<typeof library>>['startAuthentication']>[0]['optionsJSON']
type CreationOptions = Parameters<Awaited<ReturnType<typeof library>>['startRegistration']>[0]['optionsJSON']

export const canUsePasskeys = (): boolean => typeof PublicKeyCredential === 'function'

/** Has the browser prove a passkey; throws a DOMException when the person closes the dialogue. */
export async function provePasskey(options: unknown) {
  const { startAuthentication, WebAuthnError } = await library()
  try {
    return await startAuthentication({ optionsJSON: options as RequestOptions })
  } catch (error) {
    throw error instanceof WebAuthnError ? (error.cause ?? error) : error
  }
}

/** Has the browser make a passkey. */
export async function makePasskey(options: unknown) {
  const { startRegistration, WebAuthnError } = await library()
  try {
    return await startRegistration({ optionsJSON: options as CreationOptions })
  } catch (error) {
    throw error instanceof WebAuthnError ? (error.cause ?? error) : error
  }
}

/** What stands beside the password where a second step is shown. */
export async function passkeyProof() {
  return { response: await provePasskey(await call('POST', '/api/v1/account/security/passkeys/proof')) }
}
