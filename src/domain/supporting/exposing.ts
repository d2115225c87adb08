import type { Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { type DeletedRings, deletedRings, ownersOfDeleted } from '#src/domain/keys/keys.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { hours } from '#src/lib/clock.ts'
import { sha256 } from '#src/lib/digests.ts'
import { keptAddresses } from './naming.ts'
import { keepExposed, liveExposed, sweepExposed } from './store.ts'

// While there is one tenant, whoever names none means it.
const USUAL_TENANT = 1
const TOKEN = /^[\w-]{43}$/

interface Wish {
  email: string
  cid?: number | undefined
  actor: string
  origin: Origin
}

/** Where deleted keys are kept, and whose they were; 'account.unknown' for none. */
async function deletedAt(
  ctx: Context,
  given: string,
  tenant: number,
): Promise<{ tenant: number; email: string; owners: string[] }> {
  for (const email of await keptAddresses(ctx, given)) {
    const owners = await ownersOfDeleted(ctx, { tenant, email })
    if (owners.length > 0) return { tenant, email, owners }
  }
  throw new Refusal('account.unknown')
}

/**
 * Makes a link to the deleted keys of an address, good for the setting exposedKeyHours; an older link of the address is
 * dead. Answers its token, which is kept nowhere. Refuses with 'account.unknown' where nothing was deleted.
 */
export async function exposeKeys(ctx: Context, { email, cid, actor, origin }: Wish): Promise<string> {
  const { owners, ...place } = await deletedAt(ctx, email, cid ?? USUAL_TENANT)
  const token = ctx.clock.chance.bytes(32).toString('base64url')
  const now = ctx.clock.now()
  const expires = now + hours(ctx.config.exposedKeyHours)
  await sweepExposed(ctx)
  await keepExposed(ctx, { ...place, digest: sha256(token), created: now, expires })
  const detail = { email: place.email, until: expires }
  for (const account of owners) await record(ctx, { event: 'keys.exposed', account, actor, origin, detail })
  return token
}

interface Fetch {
  token: string
  /** of the keys, for those that no locked copy is kept of */
  password?: string | undefined
  origin: Origin
}

/**
 * What a link to deleted keys leads to. Refuses with 'endpoint.unknown' for one that does not work, and like
 * `deletedRings`.
 */
export async function fetchExposed(ctx: Context, { token, password, origin }: Fetch): Promise<DeletedRings> {
  const exposed = TOKEN.test(token) ? await liveExposed(ctx, sha256(token)) : undefined
  const rings = exposed && (await deletedRings(ctx, { ...exposed, password, origin }))
  if (!rings) throw new Refusal('endpoint.unknown')
  const detail = { withheld: rings.withheld.length }
  for (const account of rings.accounts) await record(ctx, { event: 'keys.fetched', account, origin, detail })
  return rings
}
