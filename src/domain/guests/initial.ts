import type { Context } from '#src/context.ts'
import { madePasswordLength } from '#src/domain/keys/keys.ts'
import { composeFrom } from '#src/domain/messages/messages.ts'
import { seats } from '#src/domain/seats.ts'
import { base32 } from '#src/lib/chance.ts'
import type { Guest } from './finding.ts'
import * as store from './store.ts'

/** A password that a guest's key may have until he chooses one. */
export const newInitial = (ctx: Context): string => base32(ctx.clock.chance, madePasswordLength(ctx))

/** It as it is kept. */
export const sealInitial = (ctx: Context, accountId: string, password: string): string =>
  ctx.secrets.sealer.seal(password, seats.guestPassword(accountId))

const openInitial = (ctx: Context, accountId: string, sealed: string): string =>
  ctx.secrets.sealer.open(sealed, seats.guestPassword(accountId)).toString()

/** It in the clear; null for a guest who has chosen one. */
export async function initialOf(ctx: Context, { account: { id } }: Pick<Guest, 'account'>): Promise<string | null> {
  const row = await store.guestRow(ctx, id)
  return row?.initial ? openInitial(ctx, id, row.initial) : null
}

/** Mails it to the guest, in a mail of its own and once, where the setting guestInitialPassword wants that. */
export async function sendInitial(ctx: Context, guest: Guest): Promise<void> {
  if (!ctx.config.guestInitialPassword || guest.hasPassword) return
  const { id } = guest.account
  const claimed = await store.claimInitial(ctx, id)
  if (!claimed?.initial) return
  await composeFrom(ctx, {
    channel: 'mail',
    to: guest.address,
    template: 'guest_password',
    reader: { ...guest.account, locale: guest.language },
    set: ctx.config.templateId,
    values: { code: openInitial(ctx, id, claimed.initial) },
  })
}
