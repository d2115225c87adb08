import { type RawBuilder, sql } from 'kysely'
import type { Context } from '#src/context.ts'
import type { AccountRow } from './store.ts'

/** What somebody may be, besides in order. */
export type State = 'suspended' | 'black-listed' | 'unconfirmed' | 'in order'

/** Which accounts of a population a list shows. */
export interface Filter {
  population: 'user' | 'subscriber'
  role?: string | undefined
  state?: State | undefined
  twoStep?: boolean | undefined
  domain?: string | undefined
}

export interface Stretch {
  filter: Filter
  /** by which condition of the filter rows are found; null for by the order of the list */
  found: Subject | null
  limit: number
}

// Behind everything that begins with a text, in the order of the bytes.
const LAST = '\u{10ffff}'

/** In the order of bytes, which the indexes of both databases have (migration 0006). */
const inBytes = (ctx: Context, text: RawBuilder<string>): RawBuilder<string> =>
  ctx.database.engine === 'postgres' ? sql`${text} collate "C"` : text

const emailOf = (ctx: Context) => inBytes(ctx, sql`email`)
/** Rows that are found by something else are not to be met in the order of this index. */
const nameOf = (ctx: Context, found: Subject | null) =>
  inBytes(ctx, found ? sql`(lower(name) || '')` : sql`lower(name)`)
/** As the index of domains has it: without an order of its own, or PostgreSQL would not know it for the same. */
const domainOf = (ctx: Context) =>
  ctx.database.engine === 'postgres' ? sql`split_part(email, '@', 2)` : sql`substr(email, instr(email, '@') + 1)`

const states: Record<State, RawBuilder<boolean>> = {
  // Without parameters, so that the indexes of the few of whom each holds are known to fit.
  suspended: sql`suspended = 1`,
  'black-listed': sql`black_listed = 1`,
  unconfirmed: sql`awaiting_confirmation = 1`,
  'in order': sql`suspended = 0 and black_listed = 0 and awaiting_confirmation = 0`,
}

/**
 * The same where another index is to be used. No index has what is written like this; and PostgreSQL takes it to hold for
 * half of the rows, where it would take an unknown comparison to hold for next to none, and read them all to find those.
 */
const sifted = (condition: RawBuilder<boolean>) => sql<boolean>`case when ${condition} then true else false end`

/** What of a filter can be looked up in an index of its own. */
export type Subject = 'state' | 'role' | 'domain' | 'twoStep'

/** The conditions of a filter, by what they are about. `found`: by which of their indexes rows are found, if by one. */
function conditions(ctx: Context, { role, state, twoStep, domain }: Filter, found: Subject | null) {
  const all: Partial<Record<Subject, RawBuilder<boolean>>> = {}
  const add = (subject: Subject, condition: RawBuilder<boolean>) => {
    all[subject] = found === subject || (state === 'in order' && subject === 'state') ? condition : sifted(condition)
  }
  if (state !== undefined) add('state', states[state])
  if (role !== undefined) add('role', sql`role = ${role}`)
  if (domain !== undefined) add('domain', sql`${domainOf(ctx)} = ${domain}`)
  if (twoStep !== undefined) add('twoStep', sql`two_step = ${Number(twoStep)}`)
  return all
}

const beginsWith = (text: RawBuilder<string>, start: string) =>
  sql<boolean>`${text} >= ${start} and ${text} < ${start + LAST}`

function filtered(ctx: Context, { filter, found }: Pick<Stretch, 'filter' | 'found'>) {
  const all = ctx.db.selectFrom('account').where('population', '=', filter.population)
  return Object.values(conditions(ctx, filter, found)).reduce((query, condition) => query.where(condition), all)
}

/** For how many accounts one condition of a filter holds; `most` for as many or more. */
export async function countUpTo(
  ctx: Context,
  { filter, subject, most }: { filter: Filter; subject: Subject; most: number },
): Promise<number> {
  const { [subject]: condition } = conditions(ctx, filter, subject)
  if (!condition) return most
  const some = ctx.db
    .selectFrom('account')
    .select('id')
    .where('population', '=', filter.population)
    .where(condition)
    .limit(most)
  const { count } = await ctx.db
    .selectFrom(some.as('some'))
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return Number(count)
}

/** In the order of their addresses, those that begin with `start`. */
export function byAddress(
  ctx: Context,
  { start, after, limit, ...wanted }: Stretch & { start: string; after: string | null },
): Promise<AccountRow[]> {
  const email = emailOf(ctx)
  let query = filtered(ctx, wanted).selectAll()
  if (start !== '') query = query.where(beginsWith(email, start))
  if (after !== null) query = query.where(sql<boolean>`${email} > ${after}`)
  return query.orderBy(email).limit(limit).execute()
}

/** In the order of their names, those whose names begin with `start`, but not their addresses with `notAddress`. */
export function byName(
  ctx: Context,
  {
    start,
    notAddress,
    after,
    limit,
    ...wanted
  }: Stretch & { start: string; notAddress: string; after: { name: string; email: string } | null },
): Promise<(AccountRow & { name_key: string })[]> {
  const [name, email] = [nameOf(ctx, wanted.found), emailOf(ctx)]
  let query = filtered(ctx, wanted).selectAll().select(sql<string>`lower(name)`.as('name_key'))
  if (start !== '') query = query.where(beginsWith(name, start))
  if (notAddress !== '') query = query.where(sql<boolean>`not (${beginsWith(email, notAddress)})`)
  // SQLite seeks an expression by its first comparison only.
  if (after !== null)
    query = query.where(
      sql<boolean>`${name} >= ${after.name} and (${name}, ${email}) > (${after.name}, ${after.email})`,
    )
  return query.orderBy(name).orderBy(email).limit(limit).execute()
}

/** The newest first. */
export function byCreation(
  ctx: Context,
  { after, limit, ...wanted }: Stretch & { after: { created: number; id: string } | null },
): Promise<AccountRow[]> {
  const created = wanted.found ? sql<number>`created + 0` : sql<number>`created`
  let query = filtered(ctx, wanted).selectAll()
  if (after !== null) query = query.where(sql<boolean>`(${created}, id) < (${after.created}, ${after.id})`)
  return query.orderBy(created, 'desc').orderBy('id', 'desc').limit(limit).execute()
}

/** Is it in the list? */
export const isListed = async (ctx: Context, filter: Filter, id: string): Promise<boolean> =>
  (await filtered(ctx, { filter, found: null }).select('id').where('id', '=', id).executeTakeFirst()) !== undefined

/** Has any account its primary address in a domain? */
export const anyInDomain = async (ctx: Context, domain: string): Promise<boolean> =>
  (await ctx.db
    .selectFrom('account')
    .select('id')
    // Guests are of none.
    .where('population', 'in', ['user', 'subscriber'])
    .where(sql<boolean>`${domainOf(ctx)} = ${domain}`)
    .limit(1)
    .executeTakeFirst()) !== undefined
