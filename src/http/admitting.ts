import type { Context } from '#src/context.ts'
import { type Reason, Refusal } from '#src/domain/refusals.ts'
import { judgeElevation, type State } from '#src/domain/sessions/sessions.ts'
import { type Asker, admissions, type Endpoint, type Incoming, type Protocol } from './endpoint.ts'

/** Why a session in a state may not do what asks for another. */
const withheld: Record<State, Reason> = {
  full: 'challenge.invalid',
  required: 'session.partial',
  setup: 'session.setup',
  change: 'password.change-required',
  delegated: 'session.delegated',
  guest: 'access.denied',
}

/** Who calls, if he may; null where anyone may. Refuses everybody else. */
export async function admit(
  ctx: Context,
  endpoint: Endpoint,
  protocol: Protocol,
  incoming: Incoming,
): Promise<Asker | null> {
  if (endpoint.who === 'anyone') return null
  const caller = await protocol.caller(ctx, incoming)
  if (!caller) throw new Refusal('session.missing')
  const { states, elevated, others = [] } = admissions[endpoint.who]
  if (!caller.session) {
    if (!caller.without || !others.includes(caller.without)) throw new Refusal('access.denied')
    return caller
  }
  if (states.length === 0) throw new Refusal('access.denied')
  const state = caller.session.state as State
  if (!states.includes(state)) throw new Refusal(withheld[state])
  if (elevated && state !== 'setup') await judgeElevation(ctx, caller.session, protocol.elevation?.(incoming) ?? null)
  return caller
}
