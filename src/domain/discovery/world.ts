import { atomically, type Context } from '#src/context.ts'
import { type Account, findByAddress } from '#src/domain/accounts/accounts.ts'
import { keysAt } from '#src/domain/publishing/publishing.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { takeHourly } from '#src/domain/throttles/hourly.ts'
import { days, hours } from '#src/lib/clock.ts'
import { ask } from './asking.ts'
import { accountLines } from './lines.ts'
import { best, seen, verdictOn } from './reading.ts'
import * as store from './store.ts'

/** One of our people, and whose key he wants. */
export interface Wanted {
  account: Account
  /** plain and valid, its domain in ASCII */
  address: string
  /** says when nobody waits any more that strangers are asked */
  until?: AbortSignal | undefined
}

// More than the recipients of the largest mail; a list of addresses to try out is longer.
const LOOKUPS_AN_HOUR = 600
// One account cannot keep all of the strangers' lines busy.
const AT_ONCE = 8

const inLine = accountLines(AT_ONCE)

type Kept = 'usable' | 'good' | 'stale'

/** What a source said before: still good or not, and a key that can be used. One that cannot may have a successor. */
async function worthOf(ctx: Context, row: store.FoundRow | undefined): Promise<Kept> {
  const now = ctx.clock.now()
  if (!row || row.expires <= now) return 'stale'
  if (!row.certificate) return 'good'
  const key = await seen(ctx, row.certificate)
  if (key && (await verdictOn(ctx, key)) === true) return 'usable'
  return row.fetched > now - hours(1) ? 'good' : 'stale'
}

/** Once a day is enough to know which keys are in use. */
async function noteUse(ctx: Context, row: store.FoundRow): Promise<void> {
  const now = ctx.clock.now()
  if (row.certificate && row.used < now - days(1)) await store.changeFound(ctx, row, { used: now })
}

/** Another tenant's people are strangers, only that they need not be asked by way of the internet. */
async function publishedHere(ctx: Context, owner: Account, { account, address }: Wanted): Promise<Uint8Array | null> {
  if (owner.tenant === account.tenant) return null
  const keys = (await keysAt(ctx, address)).map(({ bytes, info }) => ({ certificate: bytes, info }))
  return best(keys)?.certificate ?? null
}

/**
 * What each source in the world has for an address, asked all at once as far as their last answers are not good any more;
 * none behind the first whose key is known already and can be used. Nobody is asked for the addresses of our own
 * accounts: we know. Refuses with 'rate.exceeded' whoever asks for so many addresses that he rather looks for some, and
 * with 'server.busy' when `until` is over and there is yet somebody to ask.
 */
export async function askWorld(
  ctx: Context,
  wanted: Wanted,
  sources: readonly string[],
): Promise<Map<string, Promise<Uint8Array | null>>> {
  const { account, address, until } = wanted
  const rows = new Map((await store.foundFor(ctx, address)).map((row) => [row.source, row]))
  const answers = new Map<string, Promise<Uint8Array | null>>()
  const open: string[] = []
  for (const source of sources) {
    const row = rows.get(source)
    const worth = await worthOf(ctx, row)
    if (worth === 'stale') open.push(source)
    else answers.set(source, Promise.resolve(row!.certificate))
    if (worth === 'usable') await noteUse(ctx, row!)
    // Those behind it would not be listened to: they need not learn who is written to.
    if (worth === 'usable') break
  }
  if (open.length === 0) return answers
  if (until?.aborted) throw new Refusal('server.busy', { retryAfter: 1 })
  // Before it is known whose address it is: who has used his lookups up would learn from the difference.
  const lookups = { kind: 'key-lookup', subject: account.id, most: LOOKUPS_AN_HOUR }
  await atomically(ctx, (ctx) => takeHourly(ctx, lookups, 'rate.exceeded'))
  const owner = await findByAddress(ctx, address)
  if (owner) {
    if (open.includes('wkd')) answers.set('wkd', Promise.resolve(await publishedHere(ctx, owner, wanted)))
    return answers
  }
  const begun = Promise.withResolvers<ReturnType<typeof askAll>>()
  inLine(ctx, account.id, async () => {
    const asked = askAll(ctx, { wanted, sources: open, rows })
    begun.resolve(asked)
    await Promise.allSettled(asked.values())
  }).catch(begun.reject)
  for (const source of open) {
    const answer = begun.promise.then((asked) => asked.get(source)!)
    // Nobody may wait for it, when a source before it has a key.
    answer.catch(() => {})
    answers.set(source, answer)
  }
  return answers
}

/** Asks them all at once. That their last answers are wanted again is what keeps those in use. */
function askAll(
  ctx: Context,
  { wanted, sources, rows }: { wanted: Wanted; sources: readonly string[]; rows: Map<string, store.FoundRow> },
) {
  const { account, address } = wanted
  const used = ctx.clock.now()
  const before = (source: string) => (rows.has(source) ? { ...rows.get(source)!, used } : undefined)
  return new Map(
    sources.map((source) => [source, ask(ctx, { source, address }, { row: before(source), asker: account.id })]),
  )
}
