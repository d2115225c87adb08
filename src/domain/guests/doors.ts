import type { Context } from '#src/context.ts'
import { type Guest, guestOf } from './finding.ts'
import { ownerOfItem } from './reading-store.ts'

const ID = /^[\w-]{8,64}$/

/** The guest whom a link to a mail was sent to, for whoever holds the link; null where it leads nowhere any more. */
export async function guestOfItem(ctx: Context, itemId: string): Promise<Guest | null> {
  const owner = ID.test(itemId) ? await ownerOfItem(ctx, itemId) : undefined
  return owner === undefined ? null : guestOf(ctx, owner)
}
