import { atomically, type Context } from '#src/context.ts'
import { holdAccount } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Signed } from '#src/domain/sessions/sessions.ts'
import { grouped } from '#src/lib/fingerprint.ts'
import { keepLasting, lastingFor } from './lasting.ts'
import { proveOwner, type RingProof } from './opening.ts'
import * as store from './ring-change-store.ts'
import { type KeyRing, rowOf } from './rings.ts'
import { sealedNow } from './sealed.ts'
import type { RingRow } from './store.ts'
import { succeed, successorOf } from './succeeding.ts'
import { tryKeyPassword } from './unlocking.ts'

interface Wish {
  signed: Signed
  ring: KeyRing
  /** not needed for a ring without a secret; what was left with a session does not do */
  proof: RingProof
  origin: Origin
}

/** Answers the ring as it is now: its password may have sealed it anew. */
async function judgeProof(ctx: Context, { signed, proof, origin }: Wish, ring: RingRow): Promise<RingRow> {
  if (!ring.secret) return ring
  if (ctx.config.noDeletePrivate) throw new Refusal('key.fixed')
  if (proof === 'stored') throw new Refusal('key.password-missing')
  // Who forgot the key password gets rid of the key all the same.
  if ('accountPassword' in proof) {
    await proveOwner(ctx, { signed, accountPassword: proof.accountPassword, origin })
    return ring
  }
  const { account } = signed
  const { rings } = await tryKeyPassword(ctx, { account, password: proof.password, ringId: ring.id, origin })
  return sealedNow(ring, rings.find((open) => open.ring.id === ring.id)!)
}

/**
 * Deletes a ring for good, its second copy with it. If it was the current one, the newest that can be used is current
 * then; a revocation that was published stays. Refuses with 'key.unknown', and where there is a secret with 'key.fixed',
 * 'key.password-missing', like `tryKeyPassword`, and like `proveOwner` for the sign-in password.
 */
export async function deleteRing(ctx: Context, wish: Wish): Promise<void> {
  const { signed, origin } = wish
  const { account } = signed
  const ring = await judgeProof(ctx, wish, await rowOf(ctx, wish.ring))
  const lasting = wish.ring.info.keys[0]?.revoked ? await lastingFor(ctx, account, ring) : []
  const successor = await successorOf(ctx, account, ring.id)
  await atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    if (!(await store.deleteRing(ctx, ring))) throw new Refusal('server.busy', { retryAfter: 1 })
    await succeed(ctx, { account, ringId: ring.id, successor })
    await keepLasting(ctx, lasting)
    const detail = { key: ring.key_id, secret: ring.secret !== null }
    await record(ctx, { event: 'key.deleted', account: account.id, origin, detail })
    await tell(ctx, account, 'key.deleted', { name: grouped(ring.fingerprint) })
  })
}
