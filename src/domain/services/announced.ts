import type { Context } from '#src/context.ts'
import { seats } from '#src/domain/seats.ts'
import { minutes } from '#src/lib/clock.ts'
import { sha256 } from '#src/lib/digests.ts'
import * as store from './store.ts'

// For so long a sibling may go on believing what we told it of a token.
const REMEMBERED = minutes(20)
// Written again only this often, however often it is asked about.
const WRITTEN_EVERY = minutes(10)
const BATCH = 100

/**
 * Writes down that somebody is about to hear that a token or API key is good, so that he can be told when it is no
 * longer. Called before the answer leaves; the same answer may be given until the returned time (epoch milliseconds)
 * without calling again. Does nothing where nobody could be told.
 */
export async function rememberAnnounced(
  ctx: Context,
  { token, accountId }: { token: string; accountId: string },
): Promise<number> {
  if (ctx.config.kafkaBrokers.length === 0) return Number.POSITIVE_INFINITY
  const digest = sha256(token)
  const now = ctx.clock.now()
  const known = await store.announcedUntil(ctx, digest)
  if (known !== undefined && known > now + REMEMBERED) return known - REMEMBERED
  const sealed = ctx.secrets.sealer.seal(token, seats.announcedToken(digest))
  const expires = now + REMEMBERED + WRITTEN_EVERY
  await store.keepAnnounced(ctx, { digest, account_id: accountId, sealed, expires })
  return now + WRITTEN_EVERY
}

/** A token or API key that siblings may still believe in, though it opens nothing any more. */
export interface Ended {
  digest: string
  token: string
}

/** Some of those that have ended; the others come once these are forgotten. */
export async function endedTokens(ctx: Context): Promise<Ended[]> {
  const rows = await store.endedAnnounced(ctx, BATCH)
  return rows.map(({ digest, sealed }) => ({
    digest,
    token: ctx.secrets.sealer.open(sealed, seats.announcedToken(digest)).toString(),
  }))
}

/** Forgets what everybody has been told of. Returns how many that were. */
export async function forgetEnded(ctx: Context, ended: readonly Ended[]): Promise<number> {
  const digests = ended.map(({ digest }) => digest)
  const { numDeletedRows } = await store.forgetEnded(ctx, digests)
  return Number(numDeletedRows)
}
