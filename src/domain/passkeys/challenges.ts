import type { Context } from '#src/context.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { minutes } from '#src/lib/clock.ts'
import * as store from './store.ts'

/** What a signature is asked for: a new passkey, a second factor, or a sign-in that begins with it. */
export type Purpose = 'register' | 'prove' | 'sign-in'

/** Where a challenge is good: for one purpose, in one session or, for a sign-in, before there is any. */
export interface Place {
  purpose: Purpose
  sessionId: string | null
}

export const LIFETIME = minutes(5)

/** Something new to sign. The one before it in the same session, for the same purpose, is void. */
export async function openChallenge(ctx: Context, { purpose, sessionId }: Place): Promise<Buffer> {
  const bytes = ctx.clock.chance.bytes(32)
  const expires = ctx.clock.now() + LIFETIME
  await store.replaceChallenge(ctx, {
    challenge: bytes.toString('base64url'),
    purpose,
    session_id: sessionId,
    expires,
  })
  return bytes
}

interface ClientData {
  challenge?: unknown
  crossOrigin?: unknown
}

/** What the browser says it had signed, and where. */
function clientData(encoded: string): ClientData {
  try {
    return Object(JSON.parse(Buffer.from(encoded, 'base64url').toString()))
  } catch {
    return {}
  }
}

/**
 * Takes the challenge that an answer was signed for, once; the signature is still to be judged. 'passkey.invalid' when
 * it is none of this place, too old, used, or was signed in a frame of somebody else's page.
 */
export async function takeChallenge(ctx: Context, clientDataJSON: string, place: Place): Promise<string> {
  const { challenge, crossOrigin } = clientData(clientDataJSON)
  if (typeof challenge !== 'string' || !/^[\w-]{43}$/.test(challenge) || crossOrigin === true)
    throw new Refusal('passkey.invalid')
  if (!(await store.takeChallenge(ctx, challenge, place))) throw new Refusal('passkey.invalid')
  return challenge
}
