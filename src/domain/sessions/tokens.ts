import { atomically, type Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { seconds } from '#src/lib/clock.ts'
import { sha256 } from '#src/lib/digests.ts'
import { type Opening, open } from './opening.ts'
import * as store from './store.ts'

/** An access token and its refresh token; 256 random bits each, kept only as digests. */
export interface Tokens {
  access: string
  refresh: string
  session: store.SessionRow
}

// A client that lost our answer may ask again at once; later than this, a used refresh token means that it was stolen.
const RETRY_GRACE = seconds(10)

const freshToken = (ctx: Context): string => ctx.clock.chance.bytes(32).toString('hex')

/** Opens a session that is held by an access token and kept alive by a refresh token. */
export async function openTokenSession(ctx: Context, opening: Opening): Promise<Tokens> {
  const access = freshToken(ctx)
  const refresh = freshToken(ctx)
  const now = ctx.clock.now()
  const hold = {
    state: 'full',
    handle: sha256(access),
    proof: null,
    refresh: sha256(refresh),
    refresh_expires: now + seconds(ctx.config.refreshLifetime),
    expires: now + seconds(ctx.config.tokenLifetime),
  }
  return { access, refresh, session: await open(ctx, { ...opening, hold }) }
}

/**
 * Exchanges a live pair of tokens for a new one; the old pair dies at once. Refuses with 'refresh.invalid'. A refresh
 * token that was exchanged before, and comes back later than a retry would, ends the whole session (RFC 9700 §4.14).
 */
export async function refreshTokens(
  ctx: Context,
  { access, refresh, origin }: { access: string; refresh: string; origin: Origin },
): Promise<Tokens> {
  const next = { access: freshToken(ctx), refresh: freshToken(ctx) }
  const session = await atomically(ctx, async (ctx) => {
    const rotated = await store.rotate(ctx, {
      handle: sha256(access),
      refresh: sha256(refresh),
      protocol: origin.protocol,
      next: {
        handle: sha256(next.access),
        refresh: sha256(next.refresh),
        expires: ctx.clock.now() + seconds(ctx.config.tokenLifetime),
      },
    })
    if (rotated) await record(ctx, { event: 'sign-in.refreshed', account: rotated.account_id, origin })
    return rotated
  })
  if (session) return { ...next, session }
  const reused = await store.sessionByPreviousRefresh(ctx, sha256(refresh))
  if (reused && reused.refreshed + RETRY_GRACE < ctx.clock.now())
    await atomically(ctx, async (ctx) => {
      await store.deleteSession(ctx, reused)
      await record(ctx, { event: 'sign-in.refresh-reused', account: reused.account_id, origin })
    })
  throw new Refusal('refresh.invalid')
}
