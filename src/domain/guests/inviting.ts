import { atomically, type Context } from '#src/context.ts'
import {
  type Account,
  findByAddress,
  guestAccount,
  holdAccount,
  keepGuestAccount,
} from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { keepMadeRing, type MadeRing } from '#src/domain/keys/keys.ts'
import { isRefusal, Refusal } from '#src/domain/refusals.ts'
import { takeHourly } from '#src/domain/throttles/hourly.ts'
import { asciiAddress, isAddress } from '#src/lib/mail-address.ts'
import { type Guest, guestAt } from './finding.ts'
import { newInitial, sealInitial } from './initial.ts'
import { isPinLocked, newPin, renewPin } from './pins.ts'
import { makeGuestRing } from './ring.ts'
import * as store from './store.ts'

// Each is a key that somebody has not asked for: so many for one inviter, and at one address, within an hour.
const BY_INVITER = 30
const AT_ADDRESS = 5

interface Invitation {
  inviter: Account
  address: string
  language?: string | undefined
  /** shall a guest who is new know a PIN besides the link? The setting guestPin says so for all. */
  pin: boolean
  origin: Origin
}

/** What a new guest is made of, before anything of it is kept. */
export interface NewGuest {
  account: Account
  row: store.GuestRow
  made: MadeRing
}

/**
 * Makes the account and the key of a guest, without keeping them: the heavy work.
 */
export async function makeGuest(
  ctx: Context,
  facts: Pick<store.GuestRow, 'address' | 'tenant' | 'language' | 'inviter'> & { password: string },
): Promise<NewGuest> {
  const { password, ...known } = facts
  const kept = guestAccount(ctx, { name: facts.address, locale: facts.language, tenant: facts.tenant })
  const account = { ...kept, email: facts.address }
  const made = await makeGuestRing(ctx, account, password)
  const row: store.GuestRow = {
    ...known,
    account_id: account.id,
    initial: null,
    initial_sent: 0,
    pin: null,
    pin_strikes: 0,
    question: '',
    answer: '',
    refused: 0,
    created: account.created,
  }
  return { account: kept, row, made }
}

/** Keeps a guest that was made, in the caller's transaction; 'account.exists' when somebody else was faster. */
export async function keepGuest(ctx: Context, { account, row, made }: NewGuest, origin: Origin): Promise<void> {
  await keepGuestAccount(ctx, account)
  if (!(await store.insertGuest(ctx, row))) throw new Refusal('account.exists')
  await holdAccount(ctx, account.id)
  await keepMadeRing(ctx, made, { account, origin })
}

async function newGuest(ctx: Context, { inviter, language, pin, origin }: Invitation, address: string): Promise<void> {
  await atomically(ctx, async (ctx) => {
    await takeHourly(ctx, { kind: 'guests-made', subject: inviter.id, most: BY_INVITER }, 'rate.exceeded')
    await takeHourly(ctx, { kind: 'guest-made-at', subject: address, most: AT_ADDRESS }, 'rate.exceeded')
  })
  const password = newInitial(ctx)
  const made = await makeGuest(ctx, {
    address,
    tenant: inviter.tenant,
    language: language ?? '',
    inviter: inviter.id,
    password,
  })
  const { id } = made.account
  const row = {
    ...made.row,
    initial: sealInitial(ctx, id, password),
    pin: pin || ctx.config.guestPin ? newPin(ctx, id) : null,
  }
  await atomically(ctx, async (ctx) => {
    await keepGuest(ctx, { ...made, row }, origin)
    await record(ctx, {
      event: 'guest.created',
      account: id,
      actor: inviter.id,
      origin,
      detail: { pin: row.pin !== null },
    })
  })
}

/** Makes the guest; false when somebody else did at the same instant. */
const makeOne = (ctx: Context, invitation: Invitation, address: string): Promise<boolean> =>
  newGuest(ctx, invitation, address).then(
    () => true,
    (error: unknown) => {
      if (isRefusal(error, 'account.exists')) return false
      throw error
    },
  )

/**
 * The guest of an address, made with a key of his own where there is none yet. A guest who has not chosen a password gets
 * a PIN where one is asked for and he has none, and another one for one that is locked. Refuses with 'guest.off',
 * 'guest.refuses', 'account.email-invalid', 'account.exists' for the address of a colleague, and 'rate.exceeded'.
 */
export async function ensureGuest(ctx: Context, invitation: Invitation): Promise<{ guest: Guest; isNew: boolean }> {
  const { inviter } = invitation
  const address = asciiAddress(invitation.address)
  if (!ctx.config.guests) throw new Refusal('guest.off')
  if (!isAddress(address)) throw new Refusal('account.email-invalid')
  // One of another tenant is a stranger here: any other answer would tell that there is such an account.
  if ((await findByAddress(ctx, address))?.tenant === inviter.tenant) throw new Refusal('account.exists')
  const known = await guestAt(ctx, address)
  const isNew = !known && (await makeOne(ctx, invitation, address))
  const guest = known ?? (await guestAt(ctx, address))
  if (!guest) throw new Refusal('server.busy', { retryAfter: 1 })
  if (guest.refused) throw new Refusal('guest.refuses', { params: [address] })
  const wantsPin = invitation.pin || ctx.config.guestPin
  if (isNew || guest.hasPassword || !((wantsPin && !guest.needsPin) || (await isPinLocked(ctx, guest))))
    return { guest, isNew }
  await renewPin(ctx, guest)
  return { guest: (await guestAt(ctx, address)) ?? guest, isNew }
}
