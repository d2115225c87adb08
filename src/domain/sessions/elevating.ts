import { atomically, type Context } from '#src/context.ts'
import { holdAccount, judgeStanding, provePassword } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { forgiveRecovery } from '#src/domain/factors/factors.ts'
import { policyOf } from '#src/domain/policy/policy.ts'
import { Refusal, saidAs } from '#src/domain/refusals.ts'
import { opaqueId } from '#src/lib/chance.ts'
import { seconds } from '#src/lib/clock.ts'
import { sha256 } from '#src/lib/digests.ts'
import { proveStep, type StepAnswer } from './partial.ts'
import type { Session, Signed } from './sessions.ts'
import { needsStep } from './states.ts'
import * as store from './store.ts'

interface Wish {
  signed: Signed
  password: string
  /** the second step, where the session has not passed it yet */
  step?: StepAnswer
  origin: Origin
}

/** The session as it is now, with the second step noted if it has just been passed; undefined when it has ended. */
async function afterStep(ctx: Context, { signed: { session, account }, step, origin }: Wish) {
  if (!step) return store.sessionByHandle(ctx, session.handle)
  await forgiveRecovery(ctx, account, origin)
  return store.updateSession(ctx, session.id, { stepped: ctx.clock.now() })
}

/**
 * Asks for the password again, and for the second step where the session was let in without, and answers with an
 * elevation token for this session. A step that is given is judged, needed or not. Refuses with 'password.wrong' or
 * 'credentials.delayed', and after the right password with 'elevation.step-missing' or like `proveStep`.
 */
export async function elevate(ctx: Context, wish: Wish): Promise<string> {
  const { signed, password, step, origin } = wish
  const { account, session } = signed
  await provePassword(ctx, { name: account.email, password, origin }).catch(
    saidAs('password.wrong', 'credentials.invalid'),
  )
  if (step) await proveStep(ctx, { signed, answer: step, origin })
  const token = opaqueId(ctx.clock.chance) + opaqueId(ctx.clock.chance)
  await atomically(ctx, async (ctx) => {
    // By the account of now: 2-step verification may have been turned on while the password was judged.
    const held = await holdAccount(ctx, account.id)
    await judgeStanding(ctx, account)
    const current = await afterStep(ctx, wish)
    if (!current) throw new Refusal('session.invalid')
    const policy = await policyOf(ctx, held)
    if (current.stepped === 0 && needsStep({ account: held, policy })) throw new Refusal('elevation.step-missing')
    const created = ctx.clock.now()
    await store.insertElevation(ctx, {
      handle: sha256(token),
      session_id: session.id,
      created,
      expires: created + seconds(ctx.config.elevationLifetime),
    })
  })
  return token
}

/** Refuses unless the token elevates this session: 'elevation.missing', 'elevation.invalid'. */
export async function judgeElevation(ctx: Context, session: Session, token: string | null): Promise<void> {
  if (!token) throw new Refusal('elevation.missing')
  if (!(await store.elevationByHandle(ctx, sha256(token), session.id))) throw new Refusal('elevation.invalid')
}

/** Voids every elevation of an account: the ground it stood on has changed. */
export const dropElevations = async (ctx: Context, accountId: string): Promise<void> => {
  await store.deleteElevationsOf(ctx, accountId)
}
