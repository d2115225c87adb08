import { atomically, type Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { isAddress, plainAddress } from '#src/lib/mail-address.ts'
import { deleteAddress, insertAddress } from './address-store.ts'
import { type Actor, may } from './roles.ts'
import { judgeStanding } from './standing.ts'
import * as store from './store.ts'

// More than anybody has; each is a name that strangers may look for.
const ADDRESSES_AT_MOST = 50

/** The account's addresses, the primary one first. */
export async function addressesOf(
  ctx: Context,
  { id, email }: Pick<store.AccountRow, 'id' | 'email'>,
): Promise<string[]> {
  const rows = await store.addressesOf(ctx, id)
  return [email, ...rows.map(({ address }) => address).filter((address) => address !== email)]
}

/** Those of them that somebody has proven: every further one was when it came, the primary one may still wait for it. */
export async function confirmedAddressesOf(
  ctx: Context,
  account: Pick<store.AccountRow, 'id' | 'email' | 'confirmed'>,
): Promise<string[]> {
  const all = await addressesOf(ctx, account)
  return account.confirmed ? all : all.filter((address) => address !== account.email)
}

/**
 * Gives an account another address, and tells the mailbox; whoever calls has proof that it is the owner's. Refuses with
 * 'account.exists' when it leads to any account already, and 'input.too-large'. `actor`: who did it, if not the owner.
 */
export async function takeAddress(
  ctx: Context,
  { account, address, actor, origin }: { account: store.AccountRow; address: string; actor?: string; origin: Origin },
): Promise<void> {
  await atomically(ctx, async (ctx) => {
    await store.holdAccount(ctx, account.id)
    const all = await addressesOf(ctx, account)
    if (all.length >= ADDRESSES_AT_MOST) throw new Refusal('input.too-large', { params: [ADDRESSES_AT_MOST] })
    if (!(await insertAddress(ctx, account.id, address))) throw new Refusal('account.exists')
    await record(ctx, { event: 'address.added', account: account.id, actor, origin, detail: { address } })
    await tell(ctx, account, 'address.added', { name: address })
  })
}

interface Desired {
  caller: Actor
  account: store.AccountRow
  address: string
  origin: Origin
}

async function judgeDesk(ctx: Context, { caller, account }: Desired): Promise<void> {
  await judgeStanding(ctx, caller)
  if (!may(caller, 'modify', account)) throw new Refusal('access.denied')
}

/** The same for somebody who looks after the account, and answers for the address; 'account.email-invalid' besides. */
export async function addAddress(ctx: Context, desired: Desired): Promise<void> {
  const address = plainAddress(desired.address)
  if (!isAddress(address)) throw new Refusal('account.email-invalid')
  await judgeDesk(ctx, desired)
  const { account, caller, origin } = desired
  await takeAddress(ctx, { account, address, actor: caller.id, origin })
}

/**
 * Takes an address from an account. Keys that bear it stay, and are not shown for it any more. Refuses with
 * 'account.unknown' when it is none of the account's, and with 'input.invalid' for the primary one.
 */
export async function removeAddress(ctx: Context, desired: Desired): Promise<void> {
  const address = plainAddress(desired.address)
  await judgeDesk(ctx, desired)
  const { id } = desired.account
  await atomically(ctx, async (ctx) => {
    const { email } = await store.holdAccount(ctx, id)
    if (address === email) throw new Refusal('input.invalid', { params: ['address', address] })
    if (!(await deleteAddress(ctx, id, address))) throw new Refusal('account.unknown')
    const { caller: actor, origin } = desired
    await record(ctx, { event: 'address.removed', account: id, actor: actor.id, origin, detail: { address } })
  })
}
