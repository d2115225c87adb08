import type { Context } from '#src/context.ts'
import { sha256 } from '#src/lib/digests.ts'
import { limits } from '#src/lib/openpgp/limits.ts'
import { OpenPgpRefusal } from '#src/lib/openpgp/refusals.ts'
import type { CertificateInfo } from '#src/lib/openpgp/types.ts'
import { type Shelf, shelfFor } from '#src/lib/shelf.ts'
import { inPublicLane } from './lane.ts'

/** A certificate in the form in which the world may see it. What `info` says of time is of when it was first asked for. */
export interface Shown {
  bytes: Uint8Array
  info: CertificateInfo
}

const KEPT_BYTES = 16 * 1024 * 1024

const shelves = new WeakMap<Context['database'], Shelf<Promise<Shown | null>>>()

function shelfOf({ database }: Context): Shelf<Promise<Shown | null>> {
  const shelf = shelves.get(database) ?? shelfFor<Promise<Shown | null>>(KEPT_BYTES)
  shelves.set(database, shelf)
  return shelf
}

/** What it takes to keep it, which has nothing to do with how large the whole certificate is. */
const sizeOf = (shown: Shown | null): number => (shown ? shown.bytes.length + 2 * JSON.stringify(shown.info).length : 0)

/** What the engine cannot read is nothing to show; that it has no time now is another matter. */
const orNothing = (error: unknown): null => {
  if (error instanceof OpenPgpRefusal) return null
  throw error
}

async function look(ctx: Context, certificate: Uint8Array, addresses: string[] | null): Promise<Shown | null> {
  const now = ctx.clock.now()
  const { openpgp } = ctx.workers
  if (!addresses)
    return { bytes: certificate, info: (await openpgp.inspect({ bytes: certificate, now })).rings[0]!.info }
  const [found] = await openpgp.forAddress({ bytes: certificate, addresses, now })
  if (!found && certificate.length > limits.shownBytes) ctx.log.info('key.not-shown', { bytes: certificate.length })
  return found ? { bytes: found.certificate, info: found.info } : null
}

/**
 * A certificate with nothing left but the user ids of these addresses (null: it has been stripped before), and what it
 * says; null when nothing is left, or more than may be shown. Kept by the bytes that go in, so that no change of them is
 * ever overlooked; whether it may be shown at all has to be asked each time. Throws `QueueFull` when too much is asked for
 * that is not kept.
 */
export function stripped(
  ctx: Context,
  certificate: Uint8Array,
  addresses: readonly string[] | null,
): Promise<Shown | null> {
  const shelf = shelfOf(ctx)
  const name = `${sha256(certificate)} ${addresses?.join(' ') ?? '-'}`
  const known = shelf.get(name)
  if (known) return known
  const work = inPublicLane(ctx, () => look(ctx, certificate, addresses && [...addresses])).catch(orNothing)
  shelf.put(name, work, name.length)
  work.then(
    (shown) => shelf.put(name, work, name.length + sizeOf(shown)),
    () => shelf.drop(name),
  )
  return work
}

/** Did its owner take the whole key back? */
export const isRevoked = ({ info }: Shown): boolean => info.keys[0]!.revoked
