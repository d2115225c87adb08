import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { grouped } from '#src/lib/fingerprint.ts'
import { type DeletedRow, keepDeleted, lockedCopiesOf, removeRings } from './deleted-store.ts'
import { described } from './described.ts'
import { endKeySessionsOf } from './key-session-store.ts'
import { keepLasting, lastingFor } from './lasting.ts'
import { type RingRow, ringsOf } from './store.ts'

type Owner = Pick<Account, 'id' | 'tenant' | 'email' | 'unlock_salt'>

/** A ring as its backup has it: its id stays, for what is sealed is bound to it. */
const deletedRow = (ctx: Context, owner: Owner, ring: RingRow, locked: string | null): DeletedRow => ({
  id: ring.id,
  account_id: owner.id,
  tenant: owner.tenant,
  email: owner.email,
  fingerprint: ring.fingerprint,
  key_id: ring.key_id,
  certificate: ring.certificate,
  secret: ring.secret,
  unlock_salt: ring.unlock_salt || owner.unlock_salt,
  locked,
  escrow: ring.escrow,
  revocation: ring.revocation,
  ring_created: ring.created,
  deleted: ctx.clock.now(),
})

/** Takes rings out of use, everything that old mail needs to be read kept. In a transaction that holds the account. */
export async function buryRings(ctx: Context, owner: Owner, rings: readonly RingRow[]): Promise<void> {
  if (rings.length === 0) return
  const copies = new Map((await lockedCopiesOf(ctx, owner.id)).map(({ ring_id, locked }) => [ring_id, locked]))
  await keepDeleted(
    ctx,
    rings.map((ring) => deletedRow(ctx, owner, ring, copies.get(ring.id) ?? null)),
  )
  await removeRings(
    ctx,
    rings.map(({ id }) => id),
  )
}

interface Wish {
  /** a guest with the address that is really his */
  account: Account
  actor: string
  origin: Origin
}

/**
 * Deletes all rings of an account, for the support desk: they stop working at once, every key session ends, and what
 * the world was shown is withdrawn, but for revocations. What old mail needs to be read is kept. Answers how many rings
 * there were.
 */
export async function deleteAllRings(ctx: Context, { account, actor, origin }: Wish): Promise<number> {
  const lasting: Awaited<ReturnType<typeof lastingFor>> = []
  // Slow, and before the account is held. One that is revoked at this very moment has its rows already.
  for (const ring of await ringsOf(ctx, account.id)) {
    if (!ring.published) continue
    const { keys } = await described(ctx, ring.certificate)
    if (keys[0]?.revoked) lasting.push(...(await lastingFor(ctx, account, ring)))
  }
  return atomically(ctx, async (ctx) => {
    const { unlock_salt } = await holdAccount(ctx, account.id)
    const rings = await ringsOf(ctx, account.id)
    await buryRings(ctx, { ...account, unlock_salt }, rings)
    await endKeySessionsOf(ctx, account.id)
    await keepLasting(ctx, lasting)
    await record(ctx, { event: 'keys.removed', account: account.id, actor, origin, detail: { rings: rings.length } })
    const names = rings.map(({ fingerprint }) => grouped(fingerprint)).join(', ')
    if (rings.length > 0) await tell(ctx, account, 'key.deleted', { name: names })
    return rings.length
  })
}
