import { sql } from 'kysely'
import type { Context } from '#src/context.ts'

export interface Sought {
  /** the beginning of an address */
  start: string
  state?: 'new' | 'reading' | 'refusing' | undefined
  after: string | null
  limit: number
}

const LAST = '\u{10ffff}'

/** Guests in the order of their addresses, byte by byte (migration 0006), with who invited each. */
export function guestsByAddress(ctx: Context, { start, state, after, limit }: Sought) {
  const address =
    ctx.database.engine === 'postgres' ? sql<string>`guest.address collate "C"` : sql<string>`guest.address`
  let query = ctx.db
    .selectFrom('guest')
    .innerJoin('account', 'account.id', 'guest.account_id')
    .leftJoin('account as host', 'host.id', 'guest.inviter')
    .select([
      'guest.account_id as id',
      'guest.address',
      'guest.created',
      'guest.initial',
      'guest.pin',
      'guest.pin_strikes',
      'guest.refused',
      'account.last_sign_in',
      'host.email as host',
    ])
  if (start !== '') query = query.where(sql<boolean>`${address} >= ${start} and ${address} < ${start + LAST}`)
  if (state === 'new') query = query.where('guest.initial', 'is not', null)
  if (state === 'reading') query = query.where('guest.initial', 'is', null)
  // Without a parameter, so that the index of the few who do is known to fit.
  if (state === 'refusing') query = query.where(sql<boolean>`guest.refused > 0`)
  if (after !== null) query = query.where(sql<boolean>`${address} > ${after}`)
  return query.orderBy(address).limit(limit).execute()
}
