import type { Context } from '#src/context.ts'
import { isUploaded, learnOfUploaded } from '#src/domain/correspondents/correspondents.ts'
import { inOurWords } from '#src/domain/keys/keys.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { days, hours, minutes } from '#src/lib/clock.ts'
import { ask, keptFor, reasonOf, staleFor } from './asking.ts'
import { isModest, keysFor, noteRevocations, ringsIn, type Seen } from './reading.ts'
import * as store from './store.ts'

// Few at a time, so that no server learns from one burst who writes to whom.
const AT_ONCE = 4
const IN_USE = days(90)
const CLAIM = minutes(10)
const RETRY = hours(1)
// For all people together: more than a large house writes to. What is wanted again can be asked for again.
const KEPT_AT_MOST = { rows: 50_000, bytes: 256 * 1024 * 1024 }

/** The key with a fingerprint at one server; null when it has none. What else is in its answer does not count. */
async function byFingerprint(ctx: Context, source: string, fingerprint: string): Promise<Seen | null> {
  const file = await ctx.carriers.finders.get(source)!.byFingerprint!(fingerprint)
  const rings = file ? await ringsIn(ctx, file) : []
  return rings.find(({ info }) => info.fingerprint === fingerprint) ?? null
}

/** Both together; the first alone where they cannot be joined. */
async function joined(ctx: Context, certificate: Uint8Array, other: Uint8Array): Promise<Uint8Array> {
  try {
    return (await inOurWords(ctx.workers.openpgp.merge({ certificate, other, now: ctx.clock.now() }))).certificate
  } catch (error) {
    if (isRefusal(error)) return certificate
    throw error
  }
}

/** A key server is asked by fingerprint, which tells it less; what it adds to the key counts for the address alone. */
async function refreshAtServer(ctx: Context, row: store.FoundRow): Promise<void> {
  const { address, certificate, source } = row
  const now = ctx.clock.now()
  let answer: Seen | null
  try {
    answer = await byFingerprint(ctx, source, row.fingerprint)
  } catch (error) {
    ctx.log.info('key-lookup.failed', { source, reason: reasonOf(error) })
    if (row.fetched + staleFor(ctx) > now + RETRY) await store.changeClaimed(ctx, row, { expires: now + RETRY })
    else await store.dropClaimed(ctx, row)
    return
  }
  if (!answer) {
    await store.dropClaimed(ctx, row)
    return
  }
  await noteRevocations(ctx, [answer])
  const whole = await joined(ctx, certificate!, answer.certificate)
  const [key] = (await keysFor(ctx, whole, address)).filter((key) => isModest(ctx, source, key))
  const expires = now + keptFor(ctx)
  await store.changeClaimed(ctx, row, { certificate: key?.certificate ?? certificate, fetched: now, expires })
}

/** All servers are asked in their order for what has become of a key that people have uploaded. */
async function refreshUploaded(ctx: Context, row: store.FoundRow): Promise<void> {
  if (!(await isUploaded(ctx, row.fingerprint))) return void (await store.dropClaimed(ctx, row))
  for (const source of serversOf(ctx))
    try {
      const answer = await byFingerprint(ctx, source, row.fingerprint)
      if (!answer) continue
      await noteRevocations(ctx, [answer])
      await learnOfUploaded(ctx, { fingerprint: row.fingerprint, other: answer.certificate })
    } catch (error) {
      ctx.log.info('key-lookup.failed', { source, reason: reasonOf(error) })
    }
  await store.changeClaimed(ctx, row, { expires: ctx.clock.now() + keptFor(ctx) })
}

const serversOf = ({ carriers }: Context): string[] =>
  [...carriers.finders].filter(([, finder]) => finder.byFingerprint).map(([name]) => name)

async function refreshOne(ctx: Context, row: store.FoundRow): Promise<void> {
  if (row.source === store.UPLOADED) return refreshUploaded(ctx, row)
  const finder = ctx.carriers.finders.get(row.source)
  // The operator has taken the source from the list.
  if (!finder) return void (await store.dropClaimed(ctx, row))
  if (finder.byFingerprint) return refreshAtServer(ctx, row)
  await ask(ctx, { source: row.source, address: row.address }, { row, asker: 'refresh' })
}

/**
 * Asks again for keys that are in use, and for uploaded ones, so that what was revoked or renewed is known in time. A few
 * at each turn, each at a moment that chance has a part in. Always 0: what is left can wait for the next turn.
 */
export async function refreshKeys(ctx: Context): Promise<number> {
  const due = await store.dueKeys(ctx, { usedSince: ctx.clock.now() - IN_USE, most: AT_ONCE })
  for (const row of due) {
    const claimed = await store.claimDue(ctx, row, ctx.clock.now() + CLAIM)
    if (claimed) await refreshOne(ctx, claimed)
  }
  return 0
}

/** Forgets what is of no use any more, and plans when new uploaded keys are asked for. Small batches: returns how many. */
export async function sweepFoundKeys(ctx: Context): Promise<number> {
  const gone = (await store.sweepFound(ctx, ctx.clock.now() - IN_USE)) + (await store.sweepSurplus(ctx, KEPT_AT_MOST))
  if (serversOf(ctx).length === 0) return gone
  const fresh = await store.unplannedUploads(ctx, 200)
  const { chance } = ctx.clock
  // Whoever uploads many at once does not have them asked for in one row.
  const within = Math.max(1, hours(ctx.config.keyLookupHours))
  for (const fingerprint of fresh)
    await store.noteKey(ctx, store.UPLOADED, fingerprint, ctx.clock.now() + chance.below(within))
  return gone + fresh.length
}
