import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { regenerateRecoveryCodes, type Shown, type TurningOn, turnOffTwoStep } from '#src/domain/factors/factors.ts'
import { dropElevations, elevate, finishSetup, type Signed, type StepAnswer } from '#src/domain/sessions/sessions.ts'
import { endpoint, type Incoming } from '#src/http/endpoint.ts'
import { assertion } from './passkey-shapes.ts'
import { nextCookie } from './session.ts'
import { offerOthers } from './sessions.ts'
import { methodProof, noBody, query, recoveryCodes } from './shapes.ts'
import { isPassedBy } from './states.ts'

const shownBy = ({ methodId, totpToken }: z.output<typeof methodProof>): Shown => ({ id: methodId, code: totpToken })

const password = z.string()

const checked = z.union([
  z.strictObject({ password }),
  z.strictObject({ password, ...methodProof.shape }),
  z.strictObject({ password, recoveryCode: z.string() }),
  z.strictObject({ password, response: assertion }),
])

/** The second step that came with a password, if one did. */
function stepIn(body: z.output<typeof checked>): StepAnswer | undefined {
  if ('methodId' in body) return shownBy(body)
  if ('response' in body) return { passkey: body.response }
  return 'recoveryCode' in body ? { recoveryCode: body.recoveryCode } : undefined
}

const check = endpoint({
  at: 'POST /account/security/check',
  what: 'Check the password again, and the second step where the session was let in without, for a securityToken that the security settings ask for',
  who: 'full or setup',
  in: { query, body: checked },
  out: z.object({ securityToken: z.string() }),
  does: async (ctx, { body }, signed, { origin }) => ({
    securityToken: await elevate(ctx, { signed, password: body.password, step: stepIn(body), origin }),
  }),
})

interface Switching<What = Shown> {
  shown: What
  signed: Signed
  incoming: Incoming
}

/** Turns it on by the endpoint `at`. A session that becomes a full one gets a new cookie, as at a second step. */
export async function turnOnBy(
  ctx: Context,
  at: string,
  { shown, signed, incoming }: Switching<TurningOn>,
): Promise<z.output<typeof recoveryCodes>> {
  const cookie = isPassedBy(signed.session, at) ? nextCookie(ctx, signed, incoming) : null
  const codes = await finishSetup(ctx, { signed, shown, proof: cookie?.proof, origin: incoming.origin })
  cookie?.send()
  await offerOthers(ctx, signed, incoming)
  return { recoveryCodes: codes }
}

export async function turnOffBy(ctx: Context, { shown, signed, incoming }: Switching): Promise<void> {
  const { account, session } = signed
  await turnOffTwoStep(ctx, { account, sessionId: session.id, shown, origin: incoming.origin })
  await dropElevations(ctx, account.id)
  await offerOthers(ctx, signed, incoming)
}

const TURN_ON = 'POST /account/security/2fa'

const turnOn = endpoint({
  at: TURN_ON,
  what: 'Turn 2-step verification on with an active method; the recovery codes are shown this once',
  who: 'full or setup, elevated',
  in: { query, body: methodProof },
  out: recoveryCodes,
  does: (ctx, { body }, signed, incoming) => turnOnBy(ctx, TURN_ON, { shown: shownBy(body), signed, incoming }),
})

const TURN_ON_BY_FIRST = 'POST /account/security/2fa/activate'

const turnOnByFirst = endpoint({
  at: TURN_ON_BY_FIRST,
  what: 'Activate a method with its first token and turn 2-step verification on with it at once; the recovery codes are shown this once',
  who: 'full or setup, elevated',
  in: { query, body: methodProof },
  out: recoveryCodes,
  does: (ctx, { body: { methodId: begun, totpToken: code } }, signed, incoming) =>
    turnOnBy(ctx, TURN_ON_BY_FIRST, { shown: { begun, code }, signed, incoming }),
})

const turnOff = endpoint({
  at: 'DELETE /account/security/2fa',
  what: 'Turn 2-step verification off and void the recovery codes; the methods stay',
  who: 'a full, elevated session',
  in: { query, body: methodProof },
  does: (ctx, { body }, signed, incoming) => turnOffBy(ctx, { shown: shownBy(body), signed, incoming }),
})

const regenerate = endpoint({
  at: 'POST /account/security/2fa/recoverycodes',
  what: 'New recovery codes; the old ones are void at once',
  who: 'a full, elevated session',
  takes: 'json',
  in: { query, body: noBody },
  out: recoveryCodes,
  async does(ctx, _input, signed, incoming) {
    const codes = await regenerateRecoveryCodes(ctx, { account: signed.account, origin: incoming.origin })
    await offerOthers(ctx, signed, incoming)
    return { recoveryCodes: codes }
  },
})

export const twoFactorEndpoints = [check, turnOn, turnOnByFirst, turnOff, regenerate]
