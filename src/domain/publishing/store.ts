import { sql } from 'kysely'
import type { Context } from '#src/context.ts'
import { sweepRows } from '#src/db/sweeping.ts'
import type { Tables } from '#src/db/tables.ts'

/** A ring of somebody whose mailbox was proven and who has not been shut out. */
export interface FoundRing {
  account_id: string
  fingerprint: string
  certificate: Uint8Array
  published: number
}

const ringsOfTheStanding = (ctx: Context) =>
  ctx.db
    .selectFrom('key_ring')
    .innerJoin('account', 'account.id', 'key_ring.account_id')
    .select(['key_ring.account_id', 'key_ring.fingerprint', 'key_ring.certificate', 'key_ring.published'])
    .where('account.confirmed', '=', 1)
    .where('account.awaiting_confirmation', '=', 0)
    .where('account.suspended', '=', 0)
    .where('account.black_listed', '=', 0)

/** The rings of whoever has an address, withdrawn ones too: the current one first, then the newest, so many at most. */
export const ringsAt = (ctx: Context, address: string, most: number): Promise<FoundRing[]> =>
  ringsOfTheStanding(ctx)
    .innerJoin('address', 'address.account_id', 'account.id')
    .where('address.address', '=', address)
    .orderBy('key_ring.is_current', 'desc')
    .orderBy('key_ring.created', 'desc')
    .orderBy('key_ring.id')
    .limit(most)
    .execute()

/**
 * The published rings that hold a key with this id, so many at most, for ids can be made alike. Those whose primary key
 * has it come first, then whoever had it first: anybody can bind the subkey of somebody else to a key of his own.
 */
export const ringsWith = (ctx: Context, keyId: string, most: number): Promise<FoundRing[]> =>
  ringsOfTheStanding(ctx)
    .innerJoin('key_part', 'key_part.ring_id', 'key_ring.id')
    .where('key_part.key_id', '=', keyId)
    .where('key_ring.published', '=', 1)
    .orderBy(sql`case when key_ring.key_id = ${keyId} then 0 else 1 end`)
    .orderBy('key_ring.created')
    .orderBy('key_ring.id')
    .limit(most)
    .execute()

export const addressesOf = async (ctx: Context, accountId: string): Promise<string[]> => {
  const rows = await ctx.db
    .selectFrom('address')
    .select('address')
    .where('account_id', '=', accountId)
    .orderBy('address')
    .execute()
  return rows.map(({ address }) => address)
}

/** The address of a domain that has this name in the Web Key Directory. */
export const addressNamed = async (ctx: Context, wkd: string, domain: string): Promise<string | undefined> => {
  const row = await ctx.db
    .selectFrom('address')
    .select('address')
    .where('wkd', '=', wkd)
    .where(sql<boolean>`address like ${`%@${domain}`}`)
    .executeTakeFirst()
  return row?.address
}

export const insertSubmission = (ctx: Context, row: Tables['key_submission']) =>
  ctx.db.insertInto('key_submission').values(row).execute()

/** Fingerprints of the keys that somebody was asked about at an address since then, and has not confirmed. */
export async function askedSince(
  ctx: Context,
  { accountId, address, since }: { accountId: string; address: string; since: number },
): Promise<string[]> {
  const rows = await ctx.db
    .selectFrom('key_submission')
    .select('fingerprint')
    .where('account_id', '=', accountId)
    .where('address', '=', address)
    .where('created', '>', since)
    .execute()
  return rows.map(({ fingerprint }) => fingerprint)
}

type Answered = Pick<Tables['key_submission'], 'digest' | 'address'>

/** The key that waits for a confirmation; undefined when there is none, or it was waited for long enough. */
export const waitingSubmission = (
  ctx: Context,
  { digest, address }: Answered,
): Promise<Tables['key_submission'] | undefined> =>
  ctx.db
    .selectFrom('key_submission')
    .selectAll()
    .where('digest', '=', digest)
    .where('address', '=', address)
    .where('expires', '>', ctx.clock.now())
    .executeTakeFirst()

/** Takes it away; of two answers at the same instant, one gets true. */
export async function takeSubmission(ctx: Context, { digest, address }: Answered): Promise<boolean> {
  const row = await ctx.db
    .deleteFrom('key_submission')
    .where('digest', '=', digest)
    .where('address', '=', address)
    .returning('digest')
    .executeTakeFirst()
  return row !== undefined
}

/** Removes keys that nobody has confirmed; small batches. Returns how many went. */
export const sweep = (ctx: Context): Promise<number> =>
  sweepRows(ctx, { table: 'key_submission', by: ['digest'], where: sql`expires < ${ctx.clock.now()}` })
