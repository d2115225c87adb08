import { atomically, type Context } from '#src/context.ts'
import { type Actor, isService, judgeStanding } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { seats } from '#src/domain/seats.ts'
import * as store from './store.ts'

/** Something that services need and nobody else may know: a key of a foreign interface, above all. */
export interface SystemSecret {
  name: string
  value: string
}

function judge(caller: Actor, act: 'read' | 'write'): void {
  if (caller.role !== 'root' && !(act === 'read' && isService(caller))) throw new Refusal('access.denied')
}

const opened = (ctx: Context, { name, value }: store.SecretRow): SystemSecret => ({
  name,
  value: ctx.secrets.sealer.open(value, seats.systemSecret(name)).toString(),
})

/** Refuses whoever may not read system secrets, before it is told whether there are any. */
export const judgeSecretReader = (caller: Actor): void => judge(caller, 'read')

export async function readSecret(ctx: Context, caller: Actor, name: string): Promise<SystemSecret> {
  judge(caller, 'read')
  const found = await store.secretByName(ctx, name)
  if (!found) throw new Refusal('resource.unknown')
  return opened(ctx, found)
}

export async function listSecrets(ctx: Context, caller: Actor): Promise<SystemSecret[]> {
  judge(caller, 'read')
  return (await store.everySecret(ctx)).map((row) => opened(ctx, row))
}

/** The names of all secrets, and nothing of what they are. */
export async function namesOfSecrets(ctx: Context, caller: Actor): Promise<string[]> {
  judge(caller, 'read')
  return (await store.everySecret(ctx)).map(({ name }) => name)
}

export async function changeSecret(
  ctx: Context,
  { caller, secret, origin }: { caller: Actor; secret: SystemSecret; origin: Origin },
): Promise<void> {
  judge(caller, 'write')
  const { name, value } = secret
  await atomically(ctx, async (ctx) => {
    await judgeStanding(ctx, caller)
    const sealed = ctx.secrets.sealer.seal(value, seats.systemSecret(name))
    await store.keepSecret(ctx, { name, value: sealed, modified: ctx.clock.now() })
    await record(ctx, { event: 'secret.changed', actor: caller.id, origin, detail: { name } })
  })
}

/** Forgets a secret; one that was not there is fine. */
export async function removeSecret(
  ctx: Context,
  { caller, name, origin }: { caller: Actor; name: string; origin: Origin },
): Promise<void> {
  judge(caller, 'write')
  await atomically(ctx, async (ctx) => {
    await judgeStanding(ctx, caller)
    if (await store.removeSecret(ctx, name))
      await record(ctx, { event: 'secret.removed', actor: caller.id, origin, detail: { name } })
  })
}
