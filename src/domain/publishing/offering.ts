import { atomically, type Context } from '#src/context.ts'
import { findAccount } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { importRings, inOurWords } from '#src/domain/keys/keys.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { takeHourly } from '#src/domain/throttles/hourly.ts'
import { grouped } from '#src/lib/fingerprint.ts'
import { inPublicLane } from './lane.ts'
import * as store from './store.ts'
import { isRevoked, stripped } from './stripping.ts'

// What one network may offer within an hour, and what is looked at of each file and for each key.
const FILES_AN_HOUR = 60
const KEYS_A_FILE = 20
const OWNERS_A_KEY = 10

/** A key of ours, with what somebody says that it has learnt elsewhere. */
interface Offer {
  ring: store.FoundRing
  offered: Uint8Array
  origin: Origin
}

/**
 * What a key of ours would become: its own signatures, revocations and subkeys with those that are offered; null when
 * it knows all of them. Nothing that others say of it, and no user id that is not its owner's.
 */
async function learnt(
  ctx: Context,
  { ring, offered }: Offer,
): Promise<{ certificate: Uint8Array; wasRevoked: boolean } | null> {
  const { openpgp } = ctx.workers
  const now = ctx.clock.now()
  const addresses = await store.addressesOf(ctx, ring.account_id)
  const before = await stripped(ctx, ring.certificate, addresses)
  const certificate = await inPublicLane(ctx, async () => {
    const { certificate } = await openpgp.merge({ certificate: ring.certificate, other: offered, now })
    return openpgp.publishable({ certificate, addresses, now })
  })
  if (!before || !certificate || Buffer.from(certificate).equals(before.bytes)) return null
  return { certificate, wasRevoked: isRevoked(before) }
}

async function teach(ctx: Context, offer: Offer): Promise<boolean> {
  const news = await inOurWords(learnt(ctx, offer))
  const account = news && (await findAccount(ctx, offer.ring.account_id))
  if (!news || !account) return false
  const { rings } = await importRings(ctx, { account, file: news.certificate, origin: offer.origin })
  const [ring] = rings
  // Somebody has his secret key, or the certificate that revokes it: he should know.
  if (ring?.info.keys[0]?.revoked && !news.wasRevoked)
    await tell(ctx, account, 'key.revoked', { name: grouped(ring.fingerprint) })
  return true
}

/**
 * Takes what the world says of keys that it can find here (HKP's add): new signatures of their own, revocations,
 * subkeys. Never a key that is not here, and never a secret. Answers how many keys are here and how many learnt
 * something. Refuses with 'key.unreadable', 'input.too-large' and 'rate.exceeded'.
 */
export async function takeOffered(
  ctx: Context,
  { file, origin }: { file: Uint8Array; origin: Origin },
): Promise<{ known: number; changed: number }> {
  const counted = { kind: 'offered-key', subject: origin.network, most: FILES_AN_HOUR }
  await atomically(ctx, (ctx) => takeHourly(ctx, counted, 'rate.exceeded'))
  const inspecting = inPublicLane(ctx, () => ctx.workers.openpgp.inspect({ bytes: file, now: ctx.clock.now() }))
  const { rings } = await inOurWords(inspecting)
  if (rings.length > KEYS_A_FILE) throw new Refusal('input.too-large', { params: [KEYS_A_FILE] })
  let known = 0
  let changed = 0
  for (const { certificate, info } of rings) {
    const found = await store.ringsWith(ctx, info.keyId, OWNERS_A_KEY)
    const own = found.filter(({ fingerprint }) => fingerprint === info.fingerprint)
    known += own.length
    for (const ring of own) if (await teach(ctx, { ring, offered: certificate, origin })) changed++
  }
  return { known, changed }
}
