import { atomically, type Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import { queueDelivery } from '#src/domain/deliveries/deliveries.ts'
import { keepItem } from '#src/domain/guests/guests.ts'
import { type Copies, makeCopies } from './copies.ts'
import { fateOf, settledShares } from './inviting.ts'
import type { Fate, Outgoing, Unsealed } from './wishes.ts'

/**
 * In one transaction all that a mail became: what is to be delivered, what guests are to find, what is written down.
 */
export const handOver = (
  ctx: Context,
  { outgoing, copies, fates, mailId }: { outgoing: Unsealed; copies: Copies; fates: Fate[]; mailId?: string },
): Promise<void> =>
  atomically(ctx, async (ctx) => {
    const { account, sender, origin } = outgoing
    for (const { recipients, body } of copies.deliveries) await queueDelivery(ctx, { mailId, sender, recipients, body })
    for (const { invitation, ...item } of copies.items) {
      await keepItem(ctx, { ...item, kind: 'received' })
      await queueDelivery(ctx, { mailId, sender, recipients: [item.guest.address], body: invitation })
    }
    const count = (wanted: Fate['how']) => fates.filter(({ how }) => how === wanted).length
    const detail = { encrypted: count('encrypted'), guests: count('guest'), clear: count('clear') }
    if (fates.some(({ how }) => how !== 'refused'))
      await record(ctx, { event: 'mail.sent', account: account.id, origin, detail })
  })

/**
 * Sends a mail, to everybody in the way that is wished for him, and answers what became of it for each. Whom it may not
 * go to is refused alone; the others get it. Everything is worked out first, and sent in one transaction with what
 * `also` writes. Refuses 'rate.exceeded' and 'server.busy', and like `sealMessage`; then nothing has been sent. Not
 * inside a transaction. `mailId`: the mail of the gateway that it is.
 */
export async function dispatchMail(
  ctx: Context,
  {
    mailId,
    also = async () => {},
    ...outgoing
  }: Outgoing & { mailId?: string; also?: (ctx: Context, fates: Fate[]) => Promise<void> },
): Promise<Fate[]> {
  const shares = await settledShares(ctx, outgoing)
  const fates = shares.map(fateOf)
  const copies = await makeCopies(ctx, outgoing, shares)
  await atomically(ctx, async (ctx) => {
    await handOver(ctx, { outgoing, copies, fates, mailId })
    await also(ctx, fates)
  })
  return fates
}
