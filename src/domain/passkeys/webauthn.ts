import type {
  AuthenticatorTransport,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from '@simplewebauthn/server'
import { Refusal } from '#src/domain/refusals.ts'
import { LIFETIME } from './challenges.ts'
import type { RelyingParty } from './relying-party.ts'

// Large, and needed by few: loaded when the first passkey is asked for.
const library = () => import('@simplewebauthn/server')

// EdDSA, ES256 and RS256, by their COSE numbers: what authenticators in people's hands have.
const ALGORITHMS = [-8, -7, -257]

/** A credential as authenticators know it. */
export interface Known {
  credential: string
  /** space separated */
  transports: string
}

const descriptor = ({ credential, transports }: Known) => ({
  id: credential,
  transports: transports.split(' ').filter(Boolean) as AuthenticatorTransport[],
})

/** What a browser needs to make a passkey. */
export async function creationOptions(
  party: RelyingParty,
  {
    title,
    user,
    challenge,
    known,
  }: {
    title: string
    user: { id: string; name: string; displayName: string }
    challenge: Uint8Array
    known: readonly Known[]
  },
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  const { generateRegistrationOptions } = await library()
  return generateRegistrationOptions({
    rpName: title,
    rpID: party.id,
    userID: new TextEncoder().encode(user.id),
    userName: user.name,
    userDisplayName: user.displayName,
    challenge: new Uint8Array(challenge),
    timeout: LIFETIME,
    attestationType: 'none',
    excludeCredentials: known.map(descriptor),
    authenticatorSelection: { residentKey: 'required', userVerification: 'preferred' },
    supportedAlgorithmIDs: ALGORITHMS,
  })
}

/** What a browser needs to use one: one of `known`, or any that it has where that is absent. */
export async function requestOptions(
  party: RelyingParty,
  {
    challenge,
    known,
    userVerification,
  }: { challenge: Uint8Array; known?: readonly Known[]; userVerification: 'preferred' | 'required' },
): Promise<PublicKeyCredentialRequestOptionsJSON> {
  const { generateAuthenticationOptions } = await library()
  return generateAuthenticationOptions({
    rpID: party.id,
    challenge: new Uint8Array(challenge),
    timeout: LIFETIME,
    allowCredentials: known?.map(descriptor),
    userVerification,
  })
}

// The library throws at what it was given, in many words; our answer is one.
async function verified<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify()
  } catch {
    throw new Refusal('passkey.invalid')
  }
}

/** A browser's answer, as its toJSON() writes it: what we look at of it. */
interface Answer<Response> {
  id: string
  rawId: string
  type: 'public-key'
  response: Response & { clientDataJSON: string }
}

/** A new passkey. */
export type Attestation = Answer<{ attestationObject: string; transports?: string[] }>

/** The use of one. */
export type Assertion = Answer<{ authenticatorData: string; signature: string; userHandle?: string | null }>

interface Expected {
  party: RelyingParty
  challenge: string
}

/**
 * An attestation without the statement about who built the authenticator: nobody asked for it, and to judge one means
 * to fetch what the certificates in it name.
 */
async function withoutStatement(attestationObject: string): Promise<string> {
  const { decodeAttestationObject, isoBase64URL, isoCBOR } = await import('@simplewebauthn/server/helpers')
  const authData = decodeAttestationObject(isoBase64URL.toBuffer(attestationObject)).get('authData')
  const parts: [string, string | Uint8Array | Map<string, string>][] = [
    ['fmt', 'none'],
    ['attStmt', new Map<string, string>()],
    ['authData', authData],
  ]
  return Buffer.from(isoCBOR.encode(new Map(parts))).toString('base64url')
}

/** The credential of an answer to `creationOptions`; refuses with 'passkey.invalid'. */
export async function judgeAttestation(
  { id, rawId, type, response }: Attestation,
  { party, challenge }: Expected,
): Promise<{ credential: string; publicKey: Uint8Array; counter: number; isSynced: boolean }> {
  const { verifyRegistrationResponse } = await library()
  const { verified: holds, registrationInfo } = await verified(async () =>
    verifyRegistrationResponse({
      response: {
        id,
        rawId,
        type,
        clientExtensionResults: {},
        response: {
          clientDataJSON: response.clientDataJSON,
          attestationObject: await withoutStatement(response.attestationObject),
        },
      },
      expectedChallenge: challenge,
      expectedOrigin: [...party.origins],
      expectedRPID: party.id,
      // It may become a second factor only; whoever signs in by it alone is asked then.
      requireUserVerification: false,
      supportedAlgorithmIDs: ALGORITHMS,
    }),
  )
  if (!holds || registrationInfo.credential.id !== id) throw new Refusal('passkey.invalid')
  const { credential, credentialBackedUp } = registrationInfo
  const { publicKey, counter } = credential
  return { credential: id, publicKey, counter, isSynced: credentialBackedUp }
}

/** Judges an answer to `requestOptions` by a key that is kept; refuses with 'passkey.invalid'. */
export async function judgeAssertion(
  { id, rawId, type, response }: Assertion,
  {
    party,
    challenge,
    key,
    mustVerify,
  }: Expected & { key: { public: Uint8Array; counter: number }; mustVerify: boolean },
): Promise<{ counter: number; isSynced: boolean }> {
  const { verifyAuthenticationResponse } = await library()
  const { clientDataJSON, authenticatorData, signature } = response
  const { verified: holds, authenticationInfo } = await verified(() =>
    verifyAuthenticationResponse({
      response: {
        id,
        rawId,
        type,
        clientExtensionResults: {},
        response: { clientDataJSON, authenticatorData, signature },
      },
      expectedChallenge: challenge,
      expectedOrigin: [...party.origins],
      expectedRPID: party.id,
      credential: { id, publicKey: new Uint8Array(key.public), counter: key.counter },
      requireUserVerification: mustVerify,
    }),
  )
  if (!holds) throw new Refusal('passkey.invalid')
  return { counter: authenticationInfo.newCounter, isSynced: authenticationInfo.credentialBackedUp }
}
