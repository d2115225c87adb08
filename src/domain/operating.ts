import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Context, Renewable } from '#src/context.ts'
import type { LevelName } from '#src/lib/log.ts'
import { findSubsystem } from '#src/lib/subsystems.ts'
import { type Actor, isOperator } from './accounts/accounts.ts'
import { record } from './audit/audit.ts'
import type { Origin } from './caller.ts'
import { reloadTemplates } from './messages/messages.ts'
import { Refusal } from './refusals.ts'

/** May somebody look behind the scenes of the running server, and turn its screws? */
export const mayOperate = (caller: Actor): boolean => ['root', 'admin'].includes(caller.role) || isOperator(caller)

/** Refuses with 'access.denied' whoever may not. */
export function judgeOperator(caller: Actor): void {
  if (!mayOperate(caller)) throw new Refusal('access.denied')
}

interface Operation {
  caller: Actor
  origin: Origin
}

/** Sets how much is logged until the server ends; a subsystem that does not exist is passed over. */
export async function setLogLevels(
  ctx: Context,
  { caller, origin, wishes }: Operation & { wishes: readonly { subsystem: string; level: LevelName }[] },
): Promise<void> {
  judgeOperator(caller)
  const known = wishes.flatMap(({ subsystem, level }) => {
    const found = findSubsystem(subsystem)
    return found ? [{ found, level }] : []
  })
  if (known.length === 0) return
  const detail = Object.fromEntries(known.map(({ found, level }) => [found, level]))
  await record(ctx, { event: 'log-level.changed', actor: caller.id, origin, detail })
  for (const { found, level } of known) await ctx.log.setLevel(found, level)
}

const renew: Record<Renewable, (ctx: Context) => Promise<void>> = {
  certificate: (ctx) => ctx.carriers.renew(),
  templates: async (ctx) => reloadTemplates(ctx),
}

/** Reads parts again in this process. What fails is logged, and stays as it was. */
export async function reloadParts(ctx: Context, parts: readonly Renewable[]): Promise<void> {
  await Promise.all(
    parts.map((part) =>
      renew[part](ctx).catch((error: unknown) => ctx.log.error('house.reload-failed', { part, error })),
    ),
  )
}

/** Has parts read again, in the background. */
export async function reloadHouse(
  ctx: Context,
  { caller, origin, parts }: Operation & { parts: ReadonlySet<Renewable> },
): Promise<void> {
  judgeOperator(caller)
  if (parts.size === 0) return
  await record(ctx, { event: 'house.reloaded', actor: caller.id, origin, detail: { parts: [...parts].join(' ') } })
  // The caller is answered first.
  void nextTurn().then(() => ctx.house.reload([...parts]))
}
