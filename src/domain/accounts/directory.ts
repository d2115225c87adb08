import type { Context } from '#src/context.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { asciiAddress } from '#src/lib/mail-address.ts'
import {
  byAddress,
  byCreation,
  byName,
  countUpTo,
  type Filter,
  isListed,
  type Stretch,
  type Subject,
} from './directory-store.ts'
import { type Actor, mayList } from './roles.ts'
import { type AccountRow, accountByAddress } from './store.ts'

export type { Filter, State } from './directory-store.ts'

export type Order = 'address' | 'name' | 'created'

/** Where a page ended: in which part of the list, behind which account. */
export interface Place {
  part: number
  key: string
  tie: string
}

interface Wanted {
  filter: Filter
  /** the beginning of an address or a name; empty for everybody */
  search: string
  /** that of everybody; who is searched for comes by address first, and then by name */
  order: Order
  after: Place | null
  limit: number
}

export interface Listed {
  accounts: AccountRow[]
  /** null at the end */
  next: Place | null
}

/** An account with its place in a part of the list. */
interface Found {
  account: AccountRow
  key: string
  tie: string
}

/** The next of one part of a list; a place of another kind of list leads to its beginning. */
type Part = (ctx: Context, after: Omit<Place, 'part'> | null, limit: number) => Promise<Found[]>

/** How the rows of a list are found: by the index of its order, or by that of a condition. */
type Way = Pick<Stretch, 'filter' | 'found'>

const addresses =
  (way: Way, start: string): Part =>
  async (ctx, after, limit) =>
    (await byAddress(ctx, { ...way, start, after: after?.key ?? null, limit })).map((account) => ({
      account,
      key: account.email,
      tie: '',
    }))

const names =
  (way: Way, start: string, notAddress: string): Part =>
  async (ctx, after, limit) => {
    const from = after && { name: after.key, email: after.tie }
    const rows = await byName(ctx, { ...way, start, notAddress, after: from, limit })
    return rows.map(({ name_key: key, ...account }) => ({ account, key, tie: account.email }))
  }

const newest =
  (way: Way): Part =>
  async (ctx, after, limit) => {
    const created = Number(after?.key)
    const from = after && { created: Number.isSafeInteger(created) ? created : 0, id: after.tie }
    const rows = await byCreation(ctx, { ...way, after: from, limit })
    return rows.map((account) => ({ account, key: String(account.created), tie: account.id }))
  }

/** An address that is not the primary one of its account is found when it is written out. */
const furtherAddress =
  ({ filter }: Way, address: string): Part =>
  async (ctx, after) => {
    if (after !== null) return []
    const account = await accountByAddress(ctx, address)
    const isHere = account && !account.email.startsWith(address) && (await isListed(ctx, filter, account.id))
    return isHere ? [{ account, key: '', tie: '' }] : []
  }

const subjects: readonly Subject[] = ['state', 'role', 'domain', 'twoStep']
// So many rows are sorted in no time.
const FEW = 1000

/**
 * The condition of a filter that holds for the fewest. Where these are few they are read and sorted; else whoever the
 * list shows comes often enough in its own order to be met there. Databases judge this by figures that may be old.
 */
async function rarest(ctx: Context, filter: Filter): Promise<{ subject: Subject; isFew: boolean } | null> {
  let least: { subject: Subject; count: number } | null = null
  for (const subject of subjects) {
    if (filter[subject] === undefined || filter[subject] === 'in order') continue
    const count = await countUpTo(ctx, { filter, subject, most: FEW })
    if (!least || count < least.count) least = { subject, count }
  }
  return least && { subject: least.subject, isFew: least.count < FEW }
}

/**
 * What `lower` of the databases may have made of a name that begins like this: one of them knows the small letters of
 * all languages, the other those of ASCII only.
 */
function beginnings(text: string): string[] {
  const small = text.toLowerCase()
  const asciiSmall = (other: string) => other.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
  const [first = '', ...rest] = small
  return [...new Set([small, asciiSmall(first.toUpperCase() + rest.join('')), asciiSmall(text.toUpperCase())])]
}

async function partsOf(ctx: Context, { filter, search, order }: Wanted): Promise<Part[]> {
  const least = await rarest(ctx, filter)
  // Every condition has its accounts in the order of their addresses, too.
  const byAddress: Way = { filter, found: least?.subject ?? null }
  const byOther: Way = { filter, found: least?.isFew ? least.subject : null }
  if (search === '')
    return [{ address: addresses(byAddress, ''), name: names(byOther, '', ''), created: newest(byOther) }[order]]
  const address = asciiAddress(search)
  return [
    furtherAddress(byAddress, address),
    addresses(byAddress, address),
    ...beginnings(search).map((start) => names(byOther, start, address)),
  ]
}

/**
 * A page of the accounts of a population, wherever `after` says: pages hold together while accounts come and go, since a
 * place is that of an account and no number. 'access.denied' unless the caller may see them all.
 */
export async function searchAccounts(ctx: Context, { caller, ...wanted }: Wanted & { caller: Actor }): Promise<Listed> {
  if (!mayList(caller, wanted.filter.population)) throw new Refusal('access.denied')
  const { after, limit } = wanted
  const found: (Found & { part: number })[] = []
  for (const [part, next] of (await partsOf(ctx, wanted)).entries()) {
    if (after && part < after.part) continue
    const from = after?.part === part ? after : null
    // One more than is shown tells whether there are more.
    const some = await next(ctx, from, limit + 1 - found.length)
    found.push(...some.map((one) => ({ ...one, part })))
    if (found.length > limit) break
  }
  const shown = found.slice(0, limit)
  const last = shown.at(-1)
  return {
    accounts: shown.map(({ account }) => account),
    next: found.length > limit && last ? { part: last.part, key: last.key, tie: last.tie } : null,
  }
}
