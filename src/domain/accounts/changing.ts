import { atomically, type Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import { releaseBodies } from '#src/domain/bodies/bodies.ts'
import type { Origin } from '#src/domain/caller.ts'
import { forgetPolicy } from '#src/domain/policy/policy.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { itemBodiesOf } from './guest-store.ts'
import { addNote } from './notes.ts'
import type { Account } from './passwords.ts'
import { type Actor, may, mayGrant, type Population, type Role, suitsPopulation } from './roles.ts'
import { judgeStanding } from './standing.ts'
import * as store from './store.ts'
import { noteRelease } from './unlocking.ts'

export interface Changes {
  name?: string
  description?: string
  location?: string
  locale?: string
  mustChangePassword?: boolean
  suspended?: boolean
  blackListed?: boolean
  owner?: string
  role?: Role
  notes?: readonly string[]
}

// What people may change about themselves; the rest is for those who may modify them.
const OWN_FIELDS = new Set<keyof Changes>(['name', 'description', 'location', 'locale', 'mustChangePassword', 'notes'])

/** Refuses what the caller may not change about the target: 'access.denied', 'account.role-invalid'. */
export function judgeChanges(caller: Actor, target: Account, changes: Changes): void {
  if (!may(caller, 'modify', target)) throw new Refusal('access.denied')
  if (changes.role !== undefined && !suitsPopulation(target.population, changes.role))
    throw new Refusal('account.role-invalid')
  if (changes.role !== undefined && changes.role !== target.role && !mayGrant(caller, target, changes.role))
    throw new Refusal('access.denied')
  if (caller.id !== target.id) return
  const isSame = (field: keyof Changes) =>
    (field === 'role' && changes.role === target.role) ||
    (field === 'owner' && (changes.owner === '' || changes.owner === target.owner)) ||
    (field === 'suspended' && Number(changes.suspended) === target.suspended) ||
    (field === 'blackListed' && Number(changes.blackListed) === target.black_listed)
  const isForeign = (field: string) => !OWN_FIELDS.has(field as keyof Changes) && !isSame(field as keyof Changes)
  if (Object.keys(changes).some((field) => changes[field as keyof Changes] !== undefined && isForeign(field)))
    throw new Refusal('access.denied')
}

const truth = (value: boolean | undefined): number | undefined => (value === undefined ? undefined : Number(value))

const defined = <T extends object>(values: T): Partial<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>

/**
 * Changes an account: 'access.denied' when the caller may not. Suspending, black-listing and a new role end the
 * account's sessions at once.
 */
export async function changeAccount(
  ctx: Context,
  { caller, id, changes, origin }: { caller: Actor; id: string; changes: Changes; origin: Origin },
): Promise<Account> {
  return atomically(ctx, async (ctx) => {
    await judgeStanding(ctx, caller)
    // As it is now, not as it was read before: it may have been promoted meanwhile.
    const target = await store.holdAccount(ctx, id)
    judgeChanges(caller, target, changes)
    const isOwn = caller.id === target.id
    const row = defined({
      name: changes.name,
      description: changes.description,
      location: changes.location,
      locale: changes.locale,
      // Nobody lifts a demand that was made of himself.
      must_change_password: isOwn && !changes.mustChangePassword ? undefined : truth(changes.mustChangePassword),
      suspended: truth(changes.suspended),
      black_listed: truth(changes.blackListed),
      // A user who has an owner keeps it, and only root gives him one; a subscriber can be handed on.
      owner:
        target.population === 'subscriber' || (caller.role === 'root' && target.owner === '')
          ? changes.owner
          : undefined,
      role: changes.role,
    })
    const isShutOut =
      (row.suspended === 1 && target.suspended === 0) || (row.black_listed === 1 && target.black_listed === 0)
    const isMoved = row.role !== undefined && row.role !== target.role
    if (isShutOut || isMoved) await store.raiseGeneration(ctx, target.id)
    const changed = await store.updateAccount(ctx, target.id, { ...row, modified: ctx.clock.now() })
    if (!changed) throw new Refusal('account.unknown')
    for (const note of changes.notes ?? []) await addNote(ctx, target.id, caller.email, note)
    const detail = { fields: Object.keys(row).join(' ') }
    const by = isOwn ? null : caller.id
    await record(ctx, { event: 'account.changed', account: target.id, actor: by, origin, detail })
    if (isShutOut) await record(ctx, { event: 'account.suspended', account: target.id, actor: by, origin })
    if (target.suspended === 1 && row.suspended === 0) await noteRelease(ctx, { account: target, actor: by, origin })
    return changed
  })
}

/** Deletes an account and all that hangs on it: sessions, factors, keys. 'account.unknown', 'access.denied'. */
export async function deleteAccount(
  ctx: Context,
  { caller, id, population, origin }: { caller: Actor; id: string; population: Population; origin: Origin },
): Promise<void> {
  await atomically(ctx, async (ctx) => {
    await judgeStanding(ctx, caller)
    const target = await store.holdAccount(ctx, id)
    if (target.population !== population) throw new Refusal('account.unknown')
    if (!may(caller, 'delete', target)) throw new Refusal('access.denied')
    const bodies = await itemBodiesOf(ctx, id)
    if (!(await store.removeAccount(ctx, id))) throw new Refusal('account.unknown')
    await releaseBodies(ctx, bodies)
    await forgetPolicy(ctx, target)
    await record(ctx, { event: 'account.deleted', account: id, actor: caller.id, origin })
  })
}
