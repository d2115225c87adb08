import { atomically, type Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { isRefusal, Refusal } from '#src/domain/refusals.ts'
import { uuid } from '#src/lib/chance.ts'
import { isAddress, plainAddress } from '#src/lib/mail-address.ts'
import { type Account, judgePassword, type PasswordRule } from './passwords.ts'
import { may, mayGrant, mayList, mayResetFactors, type Role } from './roles.ts'
import * as store from './store.ts'

export type Note = store.NoteRow

export type { Account, PasswordRule } from './passwords.ts'
export { isAcceptable, judgePassword, provePassword, rememberNetwork, setPassword, tryPassword } from './passwords.ts'
export { isRole, mayCheckTokens, type Role, roles } from './roles.ts'

export const findAccount = (ctx: Context, id: string): Promise<Account | undefined> => store.accountById(ctx, id)

export const findByAddress = (ctx: Context, address: string): Promise<Account | undefined> =>
  store.accountByAddress(ctx, plainAddress(address))

/** The account's addresses, the primary one first. */
export async function addressesOf(ctx: Context, account: Account): Promise<string[]> {
  const rows = await store.addressesOf(ctx, account.id)
  return [account.email, ...rows.map(({ address }) => address).filter((address) => address !== account.email)]
}

export const notesOf = (ctx: Context, accountIds: readonly string[]): Promise<Note[]> => store.notesOf(ctx, accountIds)

/** Reads an account for somebody: 'account.unknown' before 'access.denied'. */
export async function readAccount(
  ctx: Context,
  { caller, id, byAddress }: { caller: Account; id: string; byAddress: boolean },
): Promise<Account> {
  const account = byAddress ? await findByAddress(ctx, id) : await findAccount(ctx, id)
  if (!account) throw new Refusal('account.unknown')
  if (!may(caller, 'read', account)) throw new Refusal('access.denied')
  return account
}

/** An account that somebody is about to change: 'account.unknown' before 'access.denied'. */
export async function accountToChange(
  ctx: Context,
  { caller, id, act = 'modify' }: { caller: Account; id: string; act?: 'modify' | 'reset factors' },
): Promise<Account> {
  const account = await findAccount(ctx, id)
  if (!account) throw new Refusal('account.unknown')
  if (!may(caller, 'modify', account)) throw new Refusal('access.denied')
  if (act === 'reset factors' && !mayResetFactors(caller, account)) throw new Refusal('access.denied')
  return account
}

/** A page of everybody, oldest first, or those named; 'access.denied' unless the caller may see everybody. */
export async function listAccounts(
  ctx: Context,
  { caller, wanted }: { caller: Account; wanted: store.Wanted | { ids: readonly string[] } },
): Promise<Account[]> {
  if (!mayList(caller)) throw new Refusal('access.denied')
  if (!('ids' in wanted)) return store.pageOfAccounts(ctx, wanted)
  const found = new Map((await store.accountsByIds(ctx, wanted.ids)).map((account) => [account.id, account]))
  return wanted.ids.flatMap((id) => found.get(id) ?? [])
}

export interface NewAccount {
  email: string
  role: Role
  name?: string
  description?: string
  location?: string
  locale?: string
  owner?: string
  password?: string
  mustChangePassword?: boolean
  suspended?: boolean
  blackListed?: boolean
  notes?: readonly string[]
}

function rowOf(ctx: Context, wanted: NewAccount, hash: string | null): Account {
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
    confirmed: 1,
    confirmed_at: now,
    awaiting_confirmation: 0,
    created: now,
    modified: now,
    last_sign_in: 0,
    last_password_change: hash ? now : 0,
    two_step: 0,
    preferred_factor: null,
    recovery_salt: null,
    unlock_salt: ctx.workers.passwords.saltOf(ctx.clock.chance.bytes(16)),
    generation: 0,
  }
}

async function insert(
  ctx: Context,
  { wanted, author, actor, origin }: { wanted: NewAccount; author: string; actor: string | null; origin: Origin },
): Promise<Account> {
  const hash = wanted.password === undefined ? null : await ctx.workers.passwords.hash(wanted.password)
  return atomically(ctx, async (ctx) => {
    const row = rowOf(ctx, wanted, hash)
    if (!(await store.insertAccount(ctx, row))) throw new Refusal('account.exists')
    if (hash)
      await store.rememberPassword(
        ctx,
        { id: uuid(ctx.clock.chance), account_id: row.id, password: hash, created: row.created },
        ctx.config.passwordHistory,
      )
    for (const note of wanted.notes ?? []) await addNote(ctx, row.id, author, note)
    await record(ctx, { event: 'account.created', account: row.id, actor, origin, detail: { role: row.role } })
    return row
  })
}

const addNote = (ctx: Context, accountId: string, author: string, note: string) =>
  store.insertNote(ctx, {
    id: uuid(ctx.clock.chance),
    account_id: accountId,
    created: ctx.clock.now(),
    created_by: author,
    note,
  })

/**
 * Makes an account. Refuses, in this order: 'access.denied', 'account.email-invalid', 'password.weak',
 * 'account.exists'. The owner is the caller's own unless the caller is root.
 */
export async function createAccount(
  ctx: Context,
  { caller, wanted, rule, origin }: { caller: Account; wanted: NewAccount; rule?: PasswordRule; origin: Origin },
): Promise<Account> {
  if (!may(caller, 'create', { id: '', role: wanted.role })) throw new Refusal('access.denied')
  const email = plainAddress(wanted.email)
  if (!isAddress(email)) throw new Refusal('account.email-invalid')
  if (wanted.password !== undefined) await judgePassword(ctx, { account: null, password: wanted.password, rule })
  const owner = caller.role === 'root' ? wanted.owner : caller.owner
  return insert(ctx, { wanted: { ...wanted, email, owner }, author: caller.email, actor: caller.id, origin })
}

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

function judgeChanges(caller: Account, target: Account, changes: Changes): void {
  if (!may(caller, 'modify', target)) throw new Refusal('access.denied')
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
  { caller, target, changes, origin }: { caller: Account; target: Account; changes: Changes; origin: Origin },
): Promise<Account> {
  judgeChanges(caller, target, changes)
  const row = defined({
    name: changes.name,
    description: changes.description,
    location: changes.location,
    locale: changes.locale,
    must_change_password: truth(changes.mustChangePassword),
    suspended: truth(changes.suspended),
    black_listed: truth(changes.blackListed),
    // An account that has an owner keeps it; only root gives one to an account that has none.
    owner: caller.role === 'root' && target.owner === '' ? changes.owner : undefined,
    role: changes.role,
  })
  const isShutOut =
    (row.suspended === 1 && target.suspended === 0) || (row.black_listed === 1 && target.black_listed === 0)
  const isMoved = row.role !== undefined && row.role !== target.role
  return atomically(ctx, async (ctx) => {
    if (isShutOut || isMoved) await store.raiseGeneration(ctx, target.id)
    const changed = await store.updateAccount(ctx, target.id, { ...row, modified: ctx.clock.now() })
    if (!changed) throw new Refusal('account.unknown')
    for (const note of changes.notes ?? []) await addNote(ctx, target.id, caller.email, note)
    const detail = { fields: Object.keys(row).join(' ') }
    const by = caller.id === target.id ? null : caller.id
    await record(ctx, { event: 'account.changed', account: target.id, actor: by, origin, detail })
    if (isShutOut) await record(ctx, { event: 'account.suspended', account: target.id, actor: by, origin })
    if (target.suspended === 1 && row.suspended === 0)
      await record(ctx, { event: 'account.released', account: target.id, actor: by, origin })
    return changed
  })
}

export { holdAccount } from './store.ts'

/** Writes a note about an account, by somebody's address. */
export const note = addNote

/** Ends every session of an account at once. */
export const endEverySession = async (ctx: Context, accountId: string): Promise<number> =>
  (await store.raiseGeneration(ctx, accountId)).generation

/** Updates what the rooms above keep in the account's row. */
export const keepInAccount = (
  ctx: Context,
  accountId: string,
  facts: Partial<Pick<Account, 'two_step' | 'preferred_factor' | 'recovery_salt' | 'last_sign_in'>>,
) => store.touchAccount(ctx, accountId, facts)

/** Deletes an account and all that hangs on it: sessions, factors, keys. 'account.unknown', 'access.denied'. */
export async function deleteAccount(
  ctx: Context,
  { caller, id, origin }: { caller: Account; id: string; origin: Origin },
): Promise<void> {
  const target = await findAccount(ctx, id)
  if (!target) throw new Refusal('account.unknown')
  if (!may(caller, 'delete', target)) throw new Refusal('access.denied')
  await atomically(ctx, async (ctx) => {
    if (!(await store.removeAccount(ctx, id))) throw new Refusal('account.unknown')
    await record(ctx, { event: 'account.deleted', account: id, actor: caller.id, origin })
  })
}

/**
 * Makes the first administrator when there is no account at all; null when there is one. The password must be
 * changed at the first sign-in.
 */
export async function makeFirstAdministrator(
  ctx: Context,
  { email, password, origin }: { email: string; password: string; origin: Origin },
): Promise<Account | null> {
  const [anybody] = await store.pageOfAccounts(ctx, { offset: 0, limit: 1 })
  if (anybody) return null
  const wanted: NewAccount = { email, role: 'root', password, mustChangePassword: true, name: 'First administrator' }
  return insert(ctx, {
    wanted: { ...wanted, email: plainAddress(email) },
    author: 'system',
    actor: null,
    origin,
  }).catch((error: unknown) => {
    // Another process of the same house made it at the same moment.
    if (isRefusal(error, 'account.exists')) return null
    throw error
  })
}
