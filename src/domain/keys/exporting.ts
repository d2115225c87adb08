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

/**
 * The armor of a ring; of its secret part too where asked for, which takes the ring's password. Refuses with
 * 'key.public-only', 'key.password-missing', 'key.delayed' and 'key.password-wrong'.
 */
export async function exportRing(
  ctx: Context,
  {
    account,
    ring,
    secret,
    password,
    origin,
  }: { account: Account; ring: KeyRing; secret: boolean; password?: string; origin: Origin },
): Promise<RingExport> {
  const publicArmor = armor('PUBLIC KEY BLOCK', ring.certificate)
  if (!secret) return { publicArmor, privateArmor: null }
  if (!ring.hasSecret) throw new Refusal('key.public-only')
  if (password === undefined) throw new Refusal('key.password-missing')
  const { rings } = await tryKeyPassword(ctx, { account, password, ringId: ring.id, origin })
  const unlocked = await upToDate(ctx, rings.find((open) => open.ring.id === ring.id)!)
  const privateArmor = await inOurWords(ctx.workers.openpgp.exportLocked({ secret: unlocked, password }))
  await record(ctx, { event: 'key.exported', account: account.id, origin, detail: { key: ring.info.keyId } })
  return { publicArmor, privateArmor }
}
