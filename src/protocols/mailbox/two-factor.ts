import { z } from 'zod'
import { regenerateRecoveryCodes, turnOffTwoStep } from '#src/domain/factors/factors.ts'
import { dropElevations, elevate, finishSetup } from '#src/domain/sessions/sessions.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { nextCookie } from './session.ts'
import { offerOthers } from './sessions.ts'
import { methodProof, noBody, query, recoveryCodes } from './shapes.ts'
import { isPassedBy } from './states.ts'

const check = endpoint({
  at: 'POST /account/security/check',
  what: 'Check the password again, for a securityToken that the security settings ask for',
  who: 'full or setup',
  in: { query, body: z.strictObject({ password: z.string() }) },
  out: z.object({ securityToken: z.string() }),
  does: async (ctx, { body }, signed, { origin }) => ({
    securityToken: await elevate(ctx, { signed, password: body.password, origin }),
  }),
})

const TWO_STEP = 'POST /account/security/2fa'

const turnOn = endpoint({
  at: TWO_STEP,
  what: 'Turn 2-step verification on with an active method; the recovery codes are shown this once',
  who: 'full or setup, elevated',
  in: { query, body: methodProof },
  out: recoveryCodes,
  async does(ctx, { body }, signed, incoming) {
    // A session that becomes a full one gets a new cookie, as at the second step of a sign-in.
    const cookie = isPassedBy(signed.session, TWO_STEP) ? nextCookie(ctx, signed, incoming) : null
    const { origin } = incoming
    const codes = await finishSetup(ctx, {
      signed,
      shown: { id: body.methodId, code: body.totpToken },
      proof: cookie?.proof,
      origin,
    })
    cookie?.send()
    await offerOthers(ctx, signed, incoming)
    return { recoveryCodes: codes }
  },
})

const turnOff = endpoint({
  at: 'DELETE /account/security/2fa',
  what: 'Turn 2-step verification off and void the recovery codes; the methods stay',
  who: 'a full, elevated session',
  in: { query, body: methodProof },
  async does(ctx, { body }, signed, incoming) {
    const { account, session } = signed
    const shown = { id: body.methodId, code: body.totpToken }
    await turnOffTwoStep(ctx, { account, sessionId: session.id, shown, origin: incoming.origin })
    await dropElevations(ctx, account.id)
    await offerOthers(ctx, signed, incoming)
  },
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

export const twoFactorEndpoints = [check, turnOn, turnOff, regenerate]
