import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { isAddress, maskedAddress, plainAddress } from '#src/lib/mail-address.ts'
import { areUnchanged, moveSecondary } from './opened-store.ts'
import { currentOutlineOf } from './store.ts'
import { tryKeyPassword } from './unlocking.ts'

/** An address as it is kept; refuses with 'input.invalid' what is none. */
export function readSecondary(text: string): string {
  const address = plainAddress(text)
  if (!isAddress(address)) throw new Refusal('input.invalid', { params: ['email', text.slice(0, 100)] })
  return address
}

/** The mailbox is told where a new key password would go, and so are the addresses that were there before. */
export async function tellSecondary(
  ctx: Context,
  {
    account,
    address,
    before,
    origin,
  }: { account: Account; address: string; before: readonly string[]; origin: Origin },
): Promise<void> {
  await record(ctx, { event: 'key.secondary-changed', account: account.id, origin })
  const others = before.filter((one) => one !== '').map((to) => ({ channel: 'mail' as const, to }))
  await tell(ctx, account, 'key.secondary-changed', { name: maskedAddress(address || account.email) }, others)
}

/**
 * Changes where a new password of the current ring, and of the others that this password opens, is mailed to; an empty
 * text takes it away, and the primary address is it again. No other ring is touched: else whoever has a session could
 * send the next password of any key where he likes, by a ring of his own. Refuses with 'input.invalid', 'key.none',
 * 'key.public-only', 'key.delayed' and 'key.password-wrong'.
 */
export async function changeSecondary(
  ctx: Context,
  { account, password, address, origin }: { account: Account; password: string; address: string; origin: Origin },
): Promise<void> {
  const wanted = address.trim() === '' ? '' : readSecondary(address)
  const current = await currentOutlineOf(ctx, account.id)
  const ringId = current?.secret ? current.id : undefined
  const { rings } = await tryKeyPassword(ctx, { account, password, ringId, origin })
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    if (!(await areUnchanged(ctx, rings))) throw new Refusal('server.busy', { retryAfter: 1 })
    const before = await moveSecondary(ctx, rings, wanted)
    if (before.length > 0) await tellSecondary(ctx, { account, address: wanted, before, origin })
  })
}
