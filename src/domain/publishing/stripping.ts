import type { Context } from '#src/context.ts'
import { sha256 } from '#src/lib/digests.ts'
import { OpenPgpRefusal } from '#src/lib/openpgp/refusals.ts'
import type { CertificateInfo } from '#src/lib/openpgp/types.ts'

/** A certificate in the form in which the world may see it. What `info` says of time is of when it was first asked for. */
export interface Shown {
  bytes: Uint8Array
  info: CertificateInfo
}

const KEPT_BYTES = 16 * 1024 * 1024

interface Kept {
  work: Promise<Shown | null>
  size: number
}

/** The engine's work, the least recently used thrown away first. */
interface Shelf {
  kept: Map<string, Kept>
  size: number
}

const shelves = new WeakMap<Context['database'], Shelf>()

function shelfOf({ database }: Context): Shelf {
  const shelf = shelves.get(database) ?? { kept: new Map(), size: 0 }
  shelves.set(database, shelf)
  return shelf
}

function drop(shelf: Shelf, key: string): void {
  shelf.size -= shelf.kept.get(key)?.size ?? 0
  shelf.kept.delete(key)
}

function put(shelf: Shelf, key: string, kept: Kept): void {
  drop(shelf, key)
  shelf.kept.set(key, kept)
  shelf.size += kept.size
  for (const oldest of shelf.kept.keys()) {
    if (shelf.size <= KEPT_BYTES) break
    drop(shelf, oldest)
  }
}

/** What the engine cannot read is nothing to show; that it has no time now is another matter. */
const orNothing = (error: unknown): null => {
  if (error instanceof OpenPgpRefusal) return null
  throw error
}

async function look(ctx: Context, certificate: Uint8Array, addresses: string[] | null): Promise<Shown | null> {
  const now = ctx.clock.now()
  const { openpgp } = ctx.workers
  const bytes = addresses ? await openpgp.publishable({ certificate, addresses, now }) : certificate
  if (!bytes) return null
  const { rings } = await openpgp.inspect({ bytes, now })
  return { bytes, info: rings[0]!.info }
}

/**
 * A certificate with nothing left but the user ids of these addresses (null: it has been stripped before), and what it
 * says; null when nothing is left. Kept by the bytes that go in, so that no change of them is ever overlooked; whether it
 * may be shown at all has to be asked each time.
 */
export function stripped(
  ctx: Context,
  certificate: Uint8Array,
  addresses: readonly string[] | null,
): Promise<Shown | null> {
  const shelf = shelfOf(ctx)
  const key = `${sha256(certificate)} ${addresses?.join(' ') ?? '-'}`
  const known = shelf.kept.get(key)
  const work = known?.work ?? look(ctx, certificate, addresses && [...addresses]).catch(orNothing)
  put(shelf, key, { work, size: known?.size ?? 2 * certificate.length + key.length })
  if (!known) work.catch(() => drop(shelf, key))
  return work
}

/** Did its owner take the whole key back? */
export const isRevoked = ({ info }: Shown): boolean => info.keys[0]!.revoked
