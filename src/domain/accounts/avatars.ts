import { atomically, type Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { toEpochSeconds } from '#src/lib/clock.ts'
import { type PictureKind, pictureOf } from '#src/lib/image-kind.ts'
import { type Actor, may, mayChoosePicture, type Population } from './roles.ts'
import { judgeStanding } from './standing.ts'
import * as store from './store.ts'

export interface Avatar {
  kind: PictureKind
  bytes: Uint8Array
}

// A small file can unfold into gigabytes of pixels, at everybody who looks at the list of users.
const SIDE_AT_MOST = 4096

/**
 * The picture of an account, as it was sent; 'resource.unknown' when it has none. Users see each other's; a subscriber
 * sees his own: 'access.denied'.
 */
export async function readAvatar(
  ctx: Context,
  { caller, id, population }: { caller: Actor; id: string; population: Population },
): Promise<Avatar> {
  const row = await store.avatarOf(ctx, id, population)
  if (!row) throw new Refusal('resource.unknown')
  if (population === 'subscriber' && !may(caller, 'read', { id, role: 'subscriber', population }))
    throw new Refusal('access.denied')
  return { kind: row.type as PictureKind, bytes: row.bytes }
}

interface Choice {
  caller: Actor
  id: string
  population: Population
  origin: Origin
}

/** Runs `keep` for an account whose picture the caller may choose: 'account.unknown' before 'access.denied'. */
function choosing(
  ctx: Context,
  { caller, id, population, origin }: Choice,
  keep: (ctx: Context) => Promise<{ avatar: string; kind: PictureKind | 'none' }>,
): Promise<void> {
  return atomically(ctx, async (ctx) => {
    await judgeStanding(ctx, caller)
    const target = await store.holdAccount(ctx, id)
    if (target.population !== population) throw new Refusal('account.unknown')
    if (!mayChoosePicture(caller, target)) throw new Refusal('access.denied')
    const { avatar, kind } = await keep(ctx)
    await store.touchAccount(ctx, id, { avatar })
    const actor = caller.id === id ? null : caller.id
    await record(ctx, { event: 'avatar.changed', account: id, actor, origin, detail: { kind } })
  })
}

/** The kind of a picture that may be kept; 'picture.unusable' for everything else. */
export function judged(ctx: Context, bytes: Uint8Array): PictureKind {
  const picture = bytes.length < ctx.config.avatarLimit ? pictureOf(bytes) : null
  if (!picture || picture.width > SIDE_AT_MOST || picture.height > SIDE_AT_MOST) throw new Refusal('picture.unusable')
  return picture.kind
}

/**
 * Gives an account a picture. Refuses, in this order: 'account.unknown', 'access.denied', 'picture.unusable'. What an SVG
 * would do in a browser is not judged: see to it that it is never shown as one.
 */
export const setAvatar = (ctx: Context, { bytes, ...choice }: Choice & { bytes: Uint8Array }): Promise<void> =>
  choosing(ctx, choice, async (ctx) => {
    const kind = judged(ctx, bytes)
    const now = ctx.clock.now()
    await store.putAvatar(ctx, { account_id: choice.id, type: kind, bytes, created: now })
    // Clients fetch the picture anew when this text is another one.
    return { avatar: String(toEpochSeconds(now)), kind }
  })

/** Takes the picture of an account away, if there is one. Refuses like `setAvatar`. */
export const removeAvatar = (ctx: Context, choice: Choice): Promise<void> =>
  choosing(ctx, choice, async (ctx) => {
    await store.removeAvatar(ctx, choice.id)
    return { avatar: '0', kind: 'none' }
  })
