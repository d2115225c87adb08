import type { Context } from '#src/context.ts'
import { type Account, findAccount, findByAddress } from '#src/domain/accounts/accounts.ts'
import { guestAt, guestOf } from '#src/domain/guests/guests.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { sha256 } from '#src/lib/digests.ts'
import { asciiAddress } from '#src/lib/mail-address.ts'
import { accountsBetween } from './store.ts'

const HEX = /^[0-9a-f]{8}/
const NUMBER = /^\d{1,10}$/

/**
 * A number for clients that want one, up to 2^31 - 1: the first 31 bits of the account's id, by which it is found again
 * in the order of the ids. An id that is no hexadecimal has one too, and is not found by it.
 */
export const userNumber = (accountId: string): number =>
  Number.parseInt(HEX.exec(accountId)?.[0] ?? sha256(accountId).slice(0, 8), 16) >>> 1

/** The two beginnings that the ids of a number can have. */
const beginnings = (number: number): [string, string] => {
  const [first, last] = [number * 2, number * 2 + 1].map((value) => value.toString(16).padStart(8, '0'))
  return [first!, last!]
}

/** Whom a call of the desk is about. */
export interface Named {
  /** an account's id, or the number that clients are told */
  userId?: string | undefined
  /** the number of the tenant */
  cid?: number | undefined
  email?: string | undefined
}

/** The account of an id or a number in a tenant. Of two with one number neither: 'input.invalid' on user_id. */
async function accountWithId(ctx: Context, userId: string, cid: number): Promise<Account | undefined> {
  const named = await findAccount(ctx, userId)
  if (named) return named.tenant === cid ? named : undefined
  if (!NUMBER.test(userId)) return undefined
  const number = Number(userId)
  if (number > 0x7fff_ffff) return undefined
  const [first, last] = beginnings(number)
  const found = (await accountsBetween(ctx, first, last)).filter(({ tenant }) => tenant === cid)
  if (found.length > 1) throw new Refusal('input.invalid', { params: ['user_id', userId] })
  return found[0]
}

/** With the address that is really his, for a guest. */
const asGuest = async (ctx: Context, account: Account): Promise<Account> =>
  account.population === 'guest' ? ((await guestOf(ctx, account.id))?.account ?? account) : account

/**
 * The account of a mail address, a guest's too; the address need not be the primary one. Refuses with
 * 'account.unknown', also when it is of another tenant than `cid`.
 */
export async function accountAt(ctx: Context, email: string, cid?: number): Promise<Account> {
  const account = (await findByAddress(ctx, email)) ?? (await guestAt(ctx, email))?.account
  if (!account || (cid !== undefined && account.tenant !== cid)) throw new Refusal('account.unknown')
  return account
}

/**
 * The account that is named by user_id and cid, or else by email; when all are given, they must mean the same. Refuses
 * with 'account.unknown', and with 'input.invalid' for what is missing.
 */
export async function accountNamed(ctx: Context, { userId, cid, email }: Named): Promise<Account> {
  if (!userId) {
    if (!email) throw new Refusal('input.invalid', { params: ['email'] })
    return accountAt(ctx, email, cid)
  }
  if (cid === undefined) throw new Refusal('input.invalid', { params: ['cid'] })
  const found = await accountWithId(ctx, userId, cid)
  if (!found) throw new Refusal('account.unknown')
  const account = await asGuest(ctx, found)
  if (email && (await accountAt(ctx, email)).id !== account.id) throw new Refusal('account.unknown')
  return account
}

/** An account of a real person here, by user_id and cid: guests are none. */
export async function userNamed(ctx: Context, userId: string, cid: number): Promise<Account> {
  const account = await accountWithId(ctx, userId, cid)
  if (!account || account.population === 'guest') throw new Refusal('account.unknown')
  return account
}

/** The addresses that deleted keys may be kept with: this one, and the primary one of the account that has it now. */
export async function keptAddresses(ctx: Context, email: string): Promise<string[]> {
  const account = await findByAddress(ctx, email)
  return [...new Set([asciiAddress(email), ...(account ? [account.email] : [])])]
}
