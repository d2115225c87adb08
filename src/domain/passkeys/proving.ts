import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { openChallenge, type Place, takeChallenge } from './challenges.ts'
import { relyingParty } from './relying-party.ts'
import * as store from './store.ts'
import { type Assertion, judgeAssertion, requestOptions } from './webauthn.ts'

/**
 * What a browser needs to prove one of the account's passkeys in this session. Refuses with 'passkey.off' or
 * 'passkey.unknown' when there is none.
 */
export async function proofOptions(ctx: Context, { account, sessionId }: { account: Account; sessionId: string }) {
  const party = relyingParty(ctx)
  const known = await store.passkeysOf(ctx, account.id)
  if (known.length === 0) throw new Refusal('passkey.unknown')
  const challenge = await openChallenge(ctx, { purpose: 'prove', sessionId })
  return requestOptions(party, { challenge, known, userVerification: 'preferred' })
}

/** What a browser needs to sign somebody in who has not said who he is. Refuses with 'passkey.off'. */
export async function signInOptions(ctx: Context) {
  const party = relyingParty(ctx)
  const challenge = await openChallenge(ctx, { purpose: 'sign-in', sessionId: null })
  return requestOptions(party, { challenge, userVerification: 'required' })
}

const isCredential = (text: string): boolean => /^[\w-]{1,1400}$/.test(text)

const rowOf = (ctx: Context, { id }: Assertion) =>
  isCredential(id) ? store.passkeyByCredential(ctx, id) : Promise.resolve(undefined)

const handleOf = (accountId: string): string => Buffer.from(accountId).toString('base64url')

/** Is the credential of the account that the authenticator keeps it for, as far as it says so? */
const isOf = ({ response }: Assertion, accountId: string): boolean =>
  !response.userHandle || response.userHandle.replace(/=+$/, '') === handleOf(accountId)

/** Judges an answer, once; `suits`: may this passkey have given it? */
async function prove(
  ctx: Context,
  {
    answer,
    place,
    mustVerify,
    suits,
  }: { answer: Assertion; place: Place; mustVerify: boolean; suits(row: store.PasskeyRow): boolean },
): Promise<store.PasskeyRow> {
  const party = relyingParty(ctx)
  const challenge = await takeChallenge(ctx, answer.response.clientDataJSON, place)
  const row = await rowOf(ctx, answer)
  if (!row || !suits(row) || !isOf(answer, row.account_id)) throw new Refusal('passkey.invalid')
  const key = { public: row.public_key, counter: row.counter }
  const { counter, isSynced } = await judgeAssertion(answer, { party, challenge, key, mustVerify })
  if (!(await store.notePasskeyUse(ctx, row.id, { counter, synced: isSynced ? 1 : 0 })))
    throw new Refusal('passkey.invalid')
  return row
}

/**
 * Proves a passkey of this account, as a second factor: the answer to `proofOptions` of this session. Refuses with
 * 'passkey.off' or 'passkey.invalid'.
 */
export const provePasskey = (
  ctx: Context,
  { account, sessionId, answer }: { account: Account; sessionId: string; answer: Assertion },
): Promise<store.PasskeyRow> =>
  prove(ctx, {
    answer,
    place: { purpose: 'prove', sessionId },
    mustVerify: false,
    suits: ({ account_id }) => account_id === account.id,
  })

/**
 * Whose passkey has answered `signInOptions`: the id of its account. The authenticator must have made sure of the
 * person, and say whom it holds him for. Refuses with 'passkey.off' or 'passkey.invalid'.
 */
export async function identifyByPasskey(ctx: Context, answer: Assertion): Promise<string> {
  if (!answer.response.userHandle) throw new Refusal('passkey.invalid')
  const place = { purpose: 'sign-in', sessionId: null } as const
  return (await prove(ctx, { answer, place, mustVerify: true, suits: () => true })).account_id
}

/** Whose passkey an answer claims to come from, unproven; null for nobody's. */
export const claimedOwner = async (ctx: Context, answer: Assertion): Promise<string | null> =>
  (await rowOf(ctx, answer))?.account_id ?? null
