import { z } from 'zod'
import { regenerateRecoveryCodes, turnOffTwoStep } from '#src/domain/factors/factors.ts'
import { dropElevations, elevate, finishSetup } from '#src/domain/sessions/sessions.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { nextCookie } from './session.ts'
import { methodProof, noBody, query, recoveryCodes } from './shapes.ts'

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

const turnOn = endpoint({
  at: 'POST /account/security/2fa',
  what: 'Turn 2-step verification on with an active method; the recovery codes are shown this once',
  who: 'full or setup, elevated',
  in: { query, body: methodProof },
  out: recoveryCodes,
  async does(ctx, { body }, signed, incoming) {
    // A session that becomes a full one gets a new cookie, as at the second step of a sign-in.
    const cookie = signed.session.state === 'setup' ? nextCookie(ctx, signed, incoming) : null
    const { origin } = incoming
    const codes = await finishSetup(ctx, {
      signed,
      id: body.methodId,
      code: body.totpToken,
      proof: cookie?.proof,
      origin,
    })
    cookie?.send()
    return { recoveryCodes: codes }
  },
})

const turnOff = endpoint({
  at: 'DELETE /account/security/2fa',
  what: 'Turn 2-step verification off and void the recovery codes; the methods stay',
  who: 'a full, elevated session',
  in: { query, body: methodProof },
  async does(ctx, { body }, { account, session }, { origin }) {
    const binding = { kind: 'session', id: session.id } as const
    await turnOffTwoStep(ctx, { account, id: body.methodId, code: body.totpToken, binding, origin })
    await dropElevations(ctx, account.id)
  },
})

const regenerate = endpoint({
  at: 'POST /account/security/2fa/recoverycodes',
  what: 'New recovery codes; the old ones are void at once',
  who: 'a full, elevated session',
  takes: 'json',
  in: { query, body: noBody },
  out: recoveryCodes,
  does: async (ctx, _input, { account }, { origin }) => ({
    recoveryCodes: await regenerateRecoveryCodes(ctx, { account, origin }),
  }),
})

export const twoFactorEndpoints = [check, turnOn, turnOff, regenerate]
