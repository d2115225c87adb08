import type { Context } from '#src/context.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { asciiAddress } from '#src/lib/mail-address.ts'
import type { Account } from './passwords.ts'
import { type Actor, may, mayList, type Population } from './roles.ts'
import * as store from './store.ts'

export { addAddress, addressesOf, confirmedAddressesOf, removeAddress, takeAddress } from './addresses.ts'
export { readAvatar, removeAvatar, setAvatar } from './avatars.ts'
export { type Changes, changeAccount, deleteAccount, judgeChanges } from './changing.ts'
export { awaitConfirmation, confirmMailbox } from './confirming.ts'
export { createAccount, makeFirstAdministrator, type NewAccount } from './creating.ts'
export { type Filter, type Listed, type Order, type Place, type State, searchAccounts } from './directory.ts'
export { anyInDomain } from './directory-store.ts'
export { guestAccount, keepGuestAccount, removeGuestAccount } from './guest-accounts.ts'
export { type ImportedAccount, type ImportedPicture, importAccount, pictureKind, wrapPassword } from './importing.ts'
export { NOTES_KEPT, type Note, newestNotes, notesOf } from './notes.ts'
export {
  accountInCare,
  judgeGuestCare,
  type LookedAfter,
  lookedAfter,
  looksAfter,
  mayDecideForDomain,
  overseenAccount,
  type Reach,
  type Rights,
  reachOver,
  rightsOver,
} from './overseeing.ts'
export { readBlocklist } from './password-lists.ts'
export {
  isPasswordFixed,
  judgeOwnChange,
  judgePassword,
  mayChangeOwnPassword,
  owesPassword,
  type PasswordRule,
  passwordExpiry,
  passwordPolicyOf,
} from './password-rules.ts'
export type { Account } from './passwords.ts'
export {
  countedPasswordChange,
  forgiveFailures,
  needsCaptcha,
  networkGauge,
  type ProvenPassword,
  provePassword,
  rememberNetwork,
  setPassword,
  sweepNetworks,
  tryPassword,
} from './passwords.ts'
export { sumUpPopulations } from './population-store.ts'
export { mayKeepPreferences, type Preferences, readPreferences, replacePreferences } from './preferences.ts'
export {
  type Actor,
  describeRoles,
  isOperator,
  isRole,
  isService,
  mayCheckTokens,
  mayList,
  mayResetFactors,
  operatorActor,
  type Population,
  type Role,
  reaches,
  roles,
  serviceActor,
} from './roles.ts'
export { holdToProtect, isShutOut, judgeStanding } from './standing.ts'
export { holdAccount } from './store.ts'
export { failedTries, type Unlocked, unlockAccount } from './unlocking.ts'
export { authorOf, judgeWriting, writeByHand } from './writing.ts'

export const findAccount = (ctx: Context, id: string): Promise<Account | undefined> => store.accountById(ctx, id)

/** The primary addresses of accounts by their ids; those that are gone are left out. */
export const emailsOf = async (ctx: Context, ids: readonly string[]): Promise<Map<string, string>> =>
  new Map((await store.emailsByIds(ctx, ids)).map(({ id, email }) => [id, email]))

export const findByAddress = (ctx: Context, address: string): Promise<Account | undefined> =>
  store.accountByAddress(ctx, asciiAddress(address))

/** Reads an account for somebody: 'account.unknown' before 'access.denied'. */
export async function readAccount(
  ctx: Context,
  { caller, id, byAddress, population }: { caller: Actor; id: string; byAddress: boolean; population: Population },
): Promise<Account> {
  const account = byAddress ? await findByAddress(ctx, id) : await findAccount(ctx, id)
  if (!account || account.population !== population) throw new Refusal('account.unknown')
  if (!may(caller, 'read', account)) throw new Refusal('access.denied')
  return account
}

/** An account that somebody is about to change: 'account.unknown' before 'access.denied'. */
export async function accountToChange(
  ctx: Context,
  { caller, id, population }: { caller: Actor; id: string; population: Population },
): Promise<Account> {
  const account = await findAccount(ctx, id)
  if (!account || account.population !== population) throw new Refusal('account.unknown')
  if (!may(caller, 'modify', account)) throw new Refusal('access.denied')
  return account
}

/** A page of a population, oldest first; 'access.denied' unless the caller may see them all. */
export async function listAccounts(
  ctx: Context,
  { caller, population, wanted }: { caller: Actor; population: Population; wanted: Omit<store.Wanted, 'population'> },
): Promise<Account[]> {
  if (!mayList(caller, population)) throw new Refusal('access.denied')
  return store.pageOfAccounts(ctx, { ...wanted, population })
}

/** Those of a population that are there, in the order of `ids`; 'access.denied' unless the caller may see them all. */
export async function findAccounts(
  ctx: Context,
  { caller, population, ids }: { caller: Actor; population: Population; ids: readonly string[] },
): Promise<Account[]> {
  if (!mayList(caller, population)) throw new Refusal('access.denied')
  const accounts = (await store.accountsByIds(ctx, ids)).filter((one) => one.population === population)
  const found = new Map(accounts.map((account) => [account.id, account]))
  return [...new Set(ids)].flatMap((id) => found.get(id) ?? [])
}

/** How many accounts of a population there are of some kind; 'access.denied' unless the caller may see them all. */
export async function countAccounts(
  ctx: Context,
  { caller, population, wanted }: { caller: Actor; population: Population; wanted: Omit<store.Sought, 'population'> },
): Promise<number> {
  if (!mayList(caller, population)) throw new Refusal('access.denied')
  return store.countAccounts(ctx, { ...wanted, population })
}

/** Ends every session of an account at once. */
export const endEverySession = async (ctx: Context, accountId: string): Promise<number> =>
  (await store.raiseGeneration(ctx, accountId)).generation

/** Updates what the rooms above keep in the account's row. */
export const keepInAccount = (
  ctx: Context,
  accountId: string,
  facts: Partial<Pick<Account, 'two_step' | 'preferred_factor' | 'recovery_salt' | 'last_sign_in' | 'grace_began'>>,
) => store.touchAccount(ctx, accountId, facts)
