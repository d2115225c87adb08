import type { Context } from '#src/context.ts'
import { sha256 } from '#src/lib/digests.ts'
import type { CertificateInfo } from '#src/lib/openpgp/types.ts'
import { type Shelf, shelfFor } from '#src/lib/shelf.ts'
import { inOurWords } from './openpgp-reasons.ts'

interface Described {
  info: CertificateInfo
  /** epoch milliseconds between which it is true; `until` null: for ever */
  from: number
  until: number | null
}

const KEPT_BYTES = 16 * 1024 * 1024

interface Descriptions {
  shelf: Shelf<Described>
  underWay: Map<string, Promise<Described>>
}

const all = new WeakMap<Context['database'], Descriptions>()

function descriptionsOf({ database }: Context): Descriptions {
  const known = all.get(database) ?? { shelf: shelfFor<Described>(KEPT_BYTES), underWay: new Map() }
  all.set(database, known)
  return known
}

async function look(ctx: Context, bytes: Uint8Array): Promise<Described> {
  const from = ctx.clock.now()
  const { rings } = await inOurWords(ctx.workers.openpgp.inspect({ bytes, now: from }))
  const { info, until } = rings[0]!
  return { info, from, until }
}

const isTrue = ({ from, until }: Described, now: number): boolean => from <= now && (until === null || now < until)

/**
 * What the engine says of a stored certificate, judged now. Kept by the bytes, until the next moment at which it can be
 * different: a large key costs a second of the engine, and whoever made it could have it looked at all day. Refuses like
 * the engine.
 */
export async function described(ctx: Context, certificate: Uint8Array): Promise<CertificateInfo> {
  const { shelf, underWay } = descriptionsOf(ctx)
  const name = sha256(certificate)
  const known = shelf.get(name)
  if (known && isTrue(known, ctx.clock.now())) return known.info
  const running = underWay.get(name)
  if (running) return (await running).info
  const looking = look(ctx, certificate).finally(() => underWay.delete(name))
  underWay.set(name, looking)
  const found = await looking
  shelf.put(name, found, 2 * JSON.stringify(found.info).length + name.length)
  return found.info
}
