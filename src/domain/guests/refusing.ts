import { atomically, type Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { hmac, isSame } from '#src/lib/digests.ts'
import { publicBase } from '#src/lib/public-base.ts'
import { type Guest, guestOf } from './finding.ts'
import * as store from './store.ts'

const TOKEN = /^([0-9a-f-]{36})\.([0-9a-f]{64})$/

const signatureFor = (ctx: Context, accountId: string): string =>
  hmac(ctx.secrets.pepper, `guest wants no mail ${accountId}`)

/** The link by which a guest says that he wants no mail from here, or that he does again. No address is in it. */
export const refusalLink = (ctx: Context, { account: { id } }: Pick<Guest, 'account'>): string =>
  `${publicBase(ctx.config)}/guest/unsubscribe?token=${id}.${signatureFor(ctx, id)}`

/** The guest whom such a link is about. Refuses with 'link.invalid'. */
export async function guestOfLink(ctx: Context, token: string): Promise<Guest> {
  const [, id = '', signature = ''] = TOKEN.exec(token) ?? []
  const guest = isSame(signature, signatureFor(ctx, id)) ? await guestOf(ctx, id) : null
  if (!guest) throw new Refusal('link.invalid')
  return guest
}

/** Takes down that a guest wants no mail from here, or that he does again. Refuses like `guestOfLink`. */
export async function chooseMail(
  ctx: Context,
  { token, wants, origin }: { token: string; wants: boolean; origin: Origin },
): Promise<Guest> {
  const guest = await guestOfLink(ctx, token)
  if (guest.refused === !wants) return guest
  await atomically(ctx, async (ctx) => {
    await store.changeGuest(ctx, guest.account.id, { refused: wants ? 0 : ctx.clock.now() })
    await record(ctx, { event: 'guest.refused', account: guest.account.id, origin, detail: { refused: !wants } })
  })
  return { ...guest, refused: !wants }
}
