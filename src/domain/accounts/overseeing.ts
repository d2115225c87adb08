import type { Context } from '#src/context.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { byAddress } from './directory-store.ts'
import type { Account } from './passwords.ts'
import { type Actor, may, mayGrant, mayList, mayResetFactors, type Role, roles, suitsPopulation } from './roles.ts'
import { judgeStanding } from './standing.ts'
import { accountById } from './store.ts'

/** Populations whose people are looked after by others; guests have rules of their own. */
export const lookedAfter = ['user', 'subscriber'] as const
export type LookedAfter = (typeof lookedAfter)[number]

/** What somebody may do to people of any kind. */
export interface Reach {
  /** whose lists he may see */
  lists: LookedAfter[]
  /** roles that he may give to a new account, by population */
  creates: Record<LookedAfter, Role[]>
  /** may he see guests? */
  guests: boolean
}

/** May he see any people but himself? */
export const looksAfter = (caller: Actor): boolean => lookedAfter.some((population) => mayList(caller, population))

const creatable = (caller: Actor, population: LookedAfter): Role[] =>
  roles.filter((role) => suitsPopulation(population, role) && may(caller, 'create', { id: '', role, population }))

/** What a caller may do; 'access.denied' where he may see nobody but himself. */
export function reachOver(caller: Actor): Reach {
  const lists = lookedAfter.filter((population) => mayList(caller, population))
  if (lists.length === 0) throw new Refusal('access.denied')
  return {
    lists,
    creates: { user: creatable(caller, 'user'), subscriber: creatable(caller, 'subscriber') },
    guests: mayList(caller, 'guest'),
  }
}

/** What somebody may do to one account that he looks after. */
export interface Rights {
  /** name, standing, addresses; letting in and signing out */
  change: boolean
  /** what protects it: second factors, policy, keys */
  protect: boolean
  remove: boolean
  /** the roles that he may give it */
  grants: Role[]
}

const mayChange = (caller: Actor, target: Account): boolean => caller.id !== target.id && may(caller, 'modify', target)

const mayProtect = (caller: Actor, target: Account): boolean =>
  caller.id !== target.id && mayResetFactors(caller, target)

/**
 * His rights over an account. Nobody looks after himself: what he may do with his own account wants the proofs that its
 * owner is asked for, so that an open session is not enough for it.
 */
export const rightsOver = (caller: Actor, target: Account): Rights => ({
  change: mayChange(caller, target),
  protect: mayProtect(caller, target),
  remove: caller.id !== target.id && may(caller, 'delete', target),
  grants: roles.filter((role) => suitsPopulation(target.population, role) && mayGrant(caller, target, role)),
})

const isLookedAfter = (population: string): population is LookedAfter =>
  (lookedAfter as readonly string[]).includes(population)

/** An account as it is shown to who looks after people: 'account.unknown', 'access.denied'. */
export async function overseenAccount(ctx: Context, { caller, id }: { caller: Actor; id: string }): Promise<Account> {
  const account = await accountById(ctx, id)
  if (!account || !isLookedAfter(account.population)) throw new Refusal('account.unknown')
  if (!mayList(caller, account.population)) throw new Refusal('access.denied')
  return account
}

/** One that somebody is about to do something to: 'account.unknown', 'access.denied', 'session.invalid'. */
export async function accountInCare(
  ctx: Context,
  { caller, id, right }: { caller: Actor; id: string; right: 'change' | 'protect' },
): Promise<Account> {
  await judgeStanding(ctx, caller)
  const account = await overseenAccount(ctx, { caller, id })
  if (!rightsOver(caller, account)[right]) throw new Refusal('access.denied')
  return account
}

/** The account of a guest that somebody is about to do something to: 'access.denied' when he may not. */
export async function judgeGuestCare(
  ctx: Context,
  { caller, guest }: { caller: Actor; guest: Account },
): Promise<void> {
  await judgeStanding(ctx, caller)
  if (!mayList(caller, 'guest') || !mayProtect(caller, guest)) throw new Refusal('access.denied')
}

/** May somebody say what holds for everybody in a domain? Not where one of them is above him. */
export async function mayDecideForDomain(ctx: Context, caller: Actor, domain: string): Promise<boolean> {
  if (!mayResetFactors(caller, { id: '', role: 'subscriber' })) return false
  const above = roles.filter((role) => !may(caller, 'modify', { id: '', role }))
  for (const role of above) {
    const filter = { population: 'user', role, domain } as const
    if ((await byAddress(ctx, { filter, found: 'role', start: '', after: null, limit: 1 })).length > 0) return false
  }
  return true
}
