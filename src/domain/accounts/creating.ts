import { atomically, type Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { policyOf } from '#src/domain/policy/policy.ts'
import { isRefusal, Refusal } from '#src/domain/refusals.ts'
import { uuid } from '#src/lib/chance.ts'
import { isAddress, plainAddress } from '#src/lib/mail-address.ts'
import { addNote } from './notes.ts'
import { judgePassword, type PasswordRule } from './password-rules.ts'
import type { Account } from './passwords.ts'
import { type Actor, isService, may, type Population, type Role, suitsPopulation } from './roles.ts'
import { judgeStanding } from './standing.ts'
import * as store from './store.ts'

export interface NewAccount {
  email: string
  role: Role
  population?: Population
  signingUp?: string
  name?: string
  description?: string
  location?: string
  locale?: string
  owner?: string
  password?: string
  mustChangePassword?: boolean
  /** nobody signs in before the address has been confirmed */
  awaitsConfirmation?: boolean
  suspended?: boolean
  blackListed?: boolean
  notes?: readonly string[]
}

/** The row of an account that is about to be made. */
export function rowOf(ctx: Context, wanted: NewAccount, hash: string | null): Account {
  const now = ctx.clock.now()
  return {
    id: uuid(ctx.clock.chance),
    tenant: 1,
    email: wanted.email,
    name: wanted.name || wanted.email,
    description: wanted.description ?? '',
    location: wanted.location ?? '',
    locale: wanted.locale ?? '',
    role: wanted.role,
    owner: wanted.owner ?? '',
    avatar: '',
    password: hash,
    must_change_password: wanted.mustChangePassword ? 1 : 0,
    suspended: wanted.suspended ? 1 : 0,
    black_listed: wanted.blackListed ? 1 : 0,
    confirmed: wanted.awaitsConfirmation ? 0 : 1,
    confirmed_at: wanted.awaitsConfirmation ? 0 : now,
    awaiting_confirmation: wanted.awaitsConfirmation ? 1 : 0,
    created: now,
    modified: now,
    last_sign_in: 0,
    last_password_change: hash ? now : 0,
    two_step: 0,
    preferred_factor: null,
    recovery_salt: null,
    unlock_salt: ctx.workers.passwords.saltOf(ctx.clock.chance.bytes(16)),
    generation: 0,
    population: wanted.population ?? 'user',
    signing_up: wanted.signingUp ?? '',
    grace_began: 0,
  }
}

async function insert(
  ctx: Context,
  {
    wanted,
    caller,
    origin,
    also,
  }: {
    wanted: NewAccount
    caller: Actor | null
    origin: Origin
    also?: (ctx: Context, made: Account) => Promise<void>
  },
): Promise<Account> {
  const hash = wanted.password === undefined ? null : await ctx.workers.passwords.hash(wanted.password)
  return atomically(ctx, async (ctx) => {
    if (caller) await judgeStanding(ctx, caller)
    const row = rowOf(ctx, wanted, hash)
    if (!(await store.insertAccount(ctx, row))) throw new Refusal('account.exists')
    if (hash)
      await store.rememberPassword(
        ctx,
        { id: uuid(ctx.clock.chance), account_id: row.id, password: hash, created: row.created },
        (await policyOf(ctx, row)).passwordHistory,
      )
    for (const note of wanted.notes ?? []) await addNote(ctx, row.id, caller?.email ?? 'system', note)
    await record(ctx, {
      event: 'account.created',
      account: row.id,
      actor: caller?.id,
      origin,
      detail: { role: row.role },
    })
    await also?.(ctx, row)
    return row
  })
}

/**
 * Makes an account. Refuses, in this order: 'account.role-invalid', 'access.denied', 'account.email-invalid', 'password.weak',
 * 'account.exists'. The owner is the caller's own unless the caller is root or a service. `also` happens with it or not
 * at all.
 */
export async function createAccount(
  ctx: Context,
  {
    caller,
    wanted,
    rule,
    origin,
    also,
  }: {
    caller: Actor
    wanted: NewAccount
    rule?: PasswordRule
    origin: Origin
    also?: (ctx: Context, made: Account) => Promise<void>
  },
): Promise<Account> {
  if (!suitsPopulation(wanted.population ?? 'user', wanted.role)) throw new Refusal('account.role-invalid')
  if (!may(caller, 'create', { id: '', role: wanted.role, population: wanted.population }))
    throw new Refusal('access.denied')
  const email = plainAddress(wanted.email)
  if (!isAddress(email)) throw new Refusal('account.email-invalid')
  const { password, name = '' } = wanted
  if (password !== undefined)
    await judgePassword(ctx, { account: { id: '', email, name, two_step: 0 }, password, rule })
  const isFree = caller.role === 'root' || isService(caller) || wanted.population === 'subscriber'
  const owner = isFree ? (wanted.owner ?? caller.owner) : caller.owner
  return insert(ctx, { wanted: { ...wanted, email, owner }, caller, origin, also })
}

/**
 * Makes the first administrator when there is no account at all; null when there is one. The password must be
 * changed at the first sign-in.
 */
export async function makeFirstAdministrator(
  ctx: Context,
  { email, password, origin }: { email: string; password: string; origin: Origin },
): Promise<Account | null> {
  const [anybody] = await store.pageOfAccounts(ctx, { population: 'user', offset: 0, limit: 1 })
  if (anybody) return null
  const wanted: NewAccount = { email, role: 'root', password, mustChangePassword: true, name: 'First administrator' }
  return insert(ctx, {
    wanted: { ...wanted, email: plainAddress(email) },
    caller: null,
    origin,
  }).catch((error: unknown) => {
    // Another process of the same house made it at the same moment.
    if (isRefusal(error, 'account.exists')) return null
    throw error
  })
}
