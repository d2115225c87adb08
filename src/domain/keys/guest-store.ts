import type { Context } from '#src/context.ts'

/** Every certificate of the guest at an address, old ones too. */
export const certificatesOfGuest = async (ctx: Context, address: string): Promise<Uint8Array[]> =>
  (
    await ctx.db
      .selectFrom('guest')
      .innerJoin('key_ring', 'key_ring.account_id', 'guest.account_id')
      .select('key_ring.certificate')
      .where('guest.address', '=', address)
      .execute()
  ).map(({ certificate }) => certificate)
