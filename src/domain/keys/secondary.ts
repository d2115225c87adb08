import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { isAddress, maskedAddress, plainAddress } from '#src/lib/mail-address.ts'
import { keepProfile, profileOf } from './profile-store.ts'
import { currentOutlineOf, outlinesOf } from './store.ts'
import { tryKeyPassword } from './unlocking.ts'

/** An address as it is kept; refuses with 'input.invalid' what is none. */
export function readSecondary(text: string): string {
  const address = plainAddress(text)
  if (!isAddress(address)) throw new Refusal('input.invalid', { params: ['email', text.slice(0, 100)] })
  return address
}

/** Inside a transaction, the account being held. The mailbox is told, and so is the address that was there before. */
async function keep(
  ctx: Context,
  { account, address, origin }: { account: Account; address: string; origin: Origin },
): Promise<void> {
  const { secondary: before } = await profileOf(ctx, account.id)
  if (before === address) return
  await keepProfile(ctx, account.id, { secondary: address })
  await record(ctx, { event: 'key.secondary-changed', account: account.id, origin })
  const others = before === '' ? [] : [{ channel: 'mail' as const, to: before }]
  await tell(ctx, account, 'key.secondary-changed', { name: maskedAddress(address || account.email) }, others)
}

/**
 * Changes where a new key password is mailed to; an empty text takes it away, and the primary address is it again. It
 * takes the password of the ring that would get the new one. Refuses with 'input.invalid', 'key.none',
 * 'key.public-only', 'key.delayed' and 'key.password-wrong'.
 */
export async function changeSecondary(
  ctx: Context,
  { account, password, address, origin }: { account: Account; password: string; address: string; origin: Origin },
): Promise<void> {
  const wanted = address.trim() === '' ? '' : readSecondary(address)
  const current = await currentOutlineOf(ctx, account.id)
  await tryKeyPassword(ctx, { account, password, ringId: current?.secret ? current.id : undefined, origin })
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    await keep(ctx, { account, address: wanted, origin })
  })
}

/**
 * The address that somebody names while he makes his first key. Whoever has other secret rings, or has named an address
 * before, must prove a password to change it: else a stolen session could send the next password anywhere.
 */
export async function offerSecondary(
  ctx: Context,
  { account, address, origin }: { account: Account; address: string; origin: Origin },
): Promise<void> {
  const wanted = readSecondary(address)
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    const rings = (await outlinesOf(ctx, account.id)).filter(({ secret }) => secret !== null)
    const { secondary } = await profileOf(ctx, account.id)
    if (rings.length === 1 && secondary === '') await keep(ctx, { account, address: wanted, origin })
  })
}
