import type { Context } from '#src/context.ts'
import { dropBodies, keepBody } from '#src/domain/bodies/bodies.ts'
import { readHeader } from '#src/domain/mail/mail.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Settled } from './inviting.ts'
import { type GuestItem, itemFor } from './items.ts'
import { clearCopy, ownCertificates, sealedFor } from './sealing.ts'
import type { Outgoing } from './wishes.ts'

/** All that a mail becomes, its bodies kept; nothing of it has been sent. */
export interface Copies {
  deliveries: { recipients: string[]; body: string }[]
  items: GuestItem[]
}

// What a single mail may take of the disk by copies for blind recipients and guests, each of whom gets his own.
const MOST_BYTES = 1024 ** 3

type Encrypted = Settled & { how: 'encrypted' }
type ForGuest = Settled & { how: 'guest' }

/** One by one: each may be large. */
async function dropEach(ctx: Context, bodies: readonly string[]): Promise<void> {
  for (const body of bodies) await dropBodies(ctx, [body])
}

/** Drops all that a mail became. It must be certain that nothing refers to it. */
export const dropCopies = (ctx: Context, { deliveries, items }: Copies): Promise<void> =>
  dropEach(ctx, [...deliveries.map(({ body }) => body), ...items.flatMap(({ body, invitation }) => [body, invitation])])

/**
 * The copies of a mail, one after another, each kept on the disk before the next is made: one for all whom it names and
 * who have a key, one for each blind recipient, readable by him alone, one for each guest with the mail that tells him
 * of it, and one for all who get it in the clear or as its writer encrypted it. Refuses like `sealMessage`, and
 * 'input.too-large' where the copies together are; then nothing of them is kept.
 */
export async function makeCopies(ctx: Context, outgoing: Outgoing, shares: readonly Settled[]): Promise<Copies> {
  const { named } = readHeader(outgoing.message)
  const encrypted = shares.filter((share): share is Encrypted => share.how === 'encrypted')
  const together = encrypted.filter(({ plain }) => named.includes(plain))
  const alone = encrypted.filter(({ plain }) => !named.includes(plain))
  const guests = shares.filter((share): share is ForGuest => share.how === 'guest')
  const clear = shares.filter(({ how }) => how === 'clear')
  const unchanged = shares.filter(({ how }) => how === 'unchanged')
  const singles = alone.length + guests.length
  if (singles * outgoing.message.length > MOST_BYTES) throw new Refusal('input.too-large')
  const bodies: string[] = []
  const keep = async (message: Uint8Array): Promise<string> => {
    const body = await keepBody(ctx, message)
    bodies.push(body)
    return body
  }
  const copies: Copies = { deliveries: [], items: [] }
  const send = async (recipients: Settled[], message: Uint8Array) =>
    copies.deliveries.push({ recipients: recipients.map(({ address }) => address), body: await keep(message) })
  try {
    if (together.length > 0) {
      const own = await ownCertificates(ctx, outgoing)
      await send(together, await sealedFor(ctx, outgoing, { readers: together, own }))
    }
    for (const one of alone) await send([one], await sealedFor(ctx, outgoing, { readers: [one] }))
    if (clear.length > 0) await send(clear, await clearCopy(ctx, outgoing))
    if (unchanged.length > 0) await send(unchanged, await clearCopy(ctx, { ...outgoing, signWith: undefined }))
    for (const { guest } of guests) copies.items.push(await itemFor(ctx, { outgoing, guest, keep }))
    return copies
  } catch (error) {
    await dropEach(ctx, bodies)
    throw error
  }
}
