import { z } from 'zod'
import { listDevices } from '#src/domain/devices/devices.ts'
import { factorsOf, isAllowed, isUsable, recoveryCodesLeft } from '#src/domain/factors/factors.ts'
import { countPasskeys, passkeyDomain } from '#src/domain/passkeys/passkeys.ts'
import { policyOf } from '#src/domain/policy/policy.ts'
import { listAppPasswords } from '#src/domain/programs/programs.ts'
import { waitingRecovery } from '#src/domain/recovery/recovery.ts'
import { graceEnds, listSessions } from '#src/domain/sessions/sessions.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { query, stamp } from './shapes.ts'

const count = z.number()
const kinds = z.array(z.enum(['authApp', 'email', 'sms']))

const Overview = z.object({
  twoFactor: z.object({
    status: z.enum(['disabled', 'enabled', 'mandatory']),
    configured: z.boolean(),
    graceEndsDate: z.string(),
  }),
  methods: count,
  authenticators: count,
  passkeys: count,
  recoveryCodesLeft: count,
  appPasswords: count,
  trustedDevices: count,
  sessions: count,
  passwordChangedDate: z.string(),
  recovery: z.object({ waitingUntilDate: z.string() }),
  offers: z.object({ methods: kinds, secondStep: kinds, passkeyDomain: z.string() }),
})

const overview = endpoint({
  at: 'GET /account/security/overview',
  what: 'What protects the account, what opens it besides the password, what would get one back in, and what may be added',
  who: 'full or setup',
  in: { query },
  out: Overview,
  async does(ctx, _input, { account }): Promise<z.output<typeof Overview>> {
    const policy = await policyOf(ctx, account)
    const methods = await factorsOf(ctx, account.id)
    const waiting = await waitingRecovery(ctx, account.id)
    return {
      twoFactor: {
        status: policy.twoStep,
        configured: account.two_step === 1,
        graceEndsDate: stamp(graceEnds({ account, policy })),
      },
      methods: methods.length,
      authenticators: methods.filter(({ kind }) => kind === 'authApp').length,
      passkeys: await countPasskeys(ctx, account.id),
      recoveryCodesLeft: await recoveryCodesLeft(ctx, account.id),
      appPasswords: (await listAppPasswords(ctx, account)).length,
      trustedDevices: (await listDevices(ctx, account)).length,
      sessions: (await listSessions(ctx, { account })).length,
      passwordChangedDate: stamp(account.last_password_change),
      recovery: { waitingUntilDate: stamp(waiting?.due ?? null) },
      offers: {
        methods: kinds.element.options.filter((kind) => isAllowed(ctx, policy, kind)),
        secondStep: kinds.element.options.filter((kind) => isUsable(ctx, policy, kind)),
        passkeyDomain: passkeyDomain(ctx),
      },
    }
  },
})

export const overviewEndpoints = [overview]
