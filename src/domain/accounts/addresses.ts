import type { Context } from '#src/context.ts'
import * as store from './store.ts'

/** The account's addresses, the primary one first. */
export async function addressesOf(
  ctx: Context,
  { id, email }: Pick<store.AccountRow, 'id' | 'email'>,
): Promise<string[]> {
  const rows = await store.addressesOf(ctx, id)
  return [email, ...rows.map(({ address }) => address).filter((address) => address !== email)]
}
