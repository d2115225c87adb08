import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { armor } from '#src/lib/openpgp/armor.ts'
import { inOurWords } from './openpgp-reasons.ts'
import type { KeyRing } from './rings.ts'
import { upToDate } from './sealed.ts'
import { tryKeyPassword } from './unlocking.ts'

export interface RingExport {
  publicArmor: string
  /** locked with the key password, in the way that every OpenPGP program reads */
  privateArmor: string | null
}

interface Wish {
  account: Account
  ring: KeyRing
  password?: string | undefined
  origin: Origin
}

async function lockedArmor(
  ctx: Context,
  { account, ring, password, origin, event }: Wish & { event: 'key.exported' | 'key.backed-up' },
): Promise<string> {
  if (!ring.hasSecret) throw new Refusal('key.public-only')
  if (password === undefined) throw new Refusal('key.password-missing')
  const { rings } = await tryKeyPassword(ctx, { account, password, ringId: ring.id, origin })
  const unlocked = await upToDate(ctx, rings.find((open) => open.ring.id === ring.id)!)
  const armor = await inOurWords(ctx.workers.openpgp.exportLocked({ secret: unlocked, password }))
  await record(ctx, { event, account: account.id, origin, detail: { key: ring.info.keyId } })
  return armor
}

/**
 * The armor of a ring; of its secret part too where asked for, which takes the ring's password. Refuses with
 * 'key.public-only', 'key.password-missing', 'key.delayed' and 'key.password-wrong'.
 */
export async function exportRing(ctx: Context, { secret, ...wish }: Wish & { secret: boolean }): Promise<RingExport> {
  const publicArmor = armor('PUBLIC KEY BLOCK', wish.ring.certificate)
  return { publicArmor, privateArmor: secret ? await lockedArmor(ctx, { ...wish, event: 'key.exported' }) : null }
}

/** The armor of a secret ring for a copy on paper, locked with its password. Refuses like `exportRing`. */
export const backUpRing = (ctx: Context, wish: Wish): Promise<string> =>
  lockedArmor(ctx, { ...wish, event: 'key.backed-up' })
