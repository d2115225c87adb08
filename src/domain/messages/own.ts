import type { Context } from '#src/context.ts'
import { asciiAddress } from '#src/lib/mail-address.ts'
import * as store from './store.ts'

/** Is there a message of ours with this id, and to this recipient? Of the last thirty days, or not sent yet. */
export async function isOurMessage(ctx: Context, id: string, recipient: string): Promise<boolean> {
  const to = await store.recipientOf(ctx, id)
  return to !== undefined && asciiAddress(to) === asciiAddress(recipient)
}
