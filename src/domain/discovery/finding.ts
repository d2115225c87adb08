import type { Context } from '#src/context.ts'
import { type Account, findByAddress } from '#src/domain/accounts/accounts.ts'
import { asciiAddress, isAddress } from '#src/lib/mail-address.ts'
import type { FoundKey } from './found.ts'
import { homeSources } from './home.ts'
import { type Held, isTrusted, judged, type Source, sourcesOf } from './judging.ts'
import { askWorld, type Wanted } from './world.ts'

/** An address as it is looked for; null for what is none, or has no domain whose people could be asked. */
export function lookedFor(text: string): string | null {
  const address = asciiAddress(text)
  return isAddress(address) ? address : null
}

/** Can there be a key for this at all? */
export const isLookedFor = (text: string): boolean => lookedFor(text) !== null

/**
 * Those who may speak for an address. For a colleague nobody but the house, and the caller himself: whatever else is
 * passed off as his would be taken while he has no key, or one that has ended.
 */
async function voicesFor(ctx: Context, { account, address }: Wanted): Promise<Source[]> {
  const sources = sourcesOf(ctx)
  const owner = await findByAddress(ctx, address)
  return owner?.tenant === account.tenant
    ? sources.filter(({ name }) => name === 'tenant' || name === 'uploaded')
    : sources
}

/** Asks one source for an address. Those in the world are all asked at once when the first of them has its turn. */
function asker(ctx: Context, wanted: Wanted, sources: readonly Source[]): (name: string) => Promise<Held | null> {
  const inTurn = [...sources.filter((one) => isTrusted(ctx, one)), ...sources.filter((one) => !isTrusted(ctx, one))]
  const worldly = inTurn.map(({ name }) => name).filter((name) => ctx.carriers.finders.has(name))
  let answers: ReturnType<typeof askWorld> | undefined
  return async (name) => {
    if (homeSources[name]) return homeSources[name](ctx, wanted)
    if (!worldly.includes(name)) return null
    answers ??= askWorld(ctx, wanted, worldly)
    const certificate = await (await answers).get(name)
    return certificate ? { certificate } : null
  }
}

/**
 * What there is for an address, the best first: in the order of the setting `keySources` what counts as trusted, then in
 * the same order the rest, and what is known by hearsay last. Anybody can send a mail that brings a key for anybody.
 */
async function* keysFor(ctx: Context, wanted: Wanted): AsyncGenerator<FoundKey> {
  const sources = await voicesFor(ctx, wanted)
  const ask = asker(ctx, wanted, sources)
  const keyFrom = async (source: Source) => {
    const held = await ask(source.name)
    const key = held && (await judged(ctx, source, held))
    return key && { key, isHearsay: held?.gossip === true }
  }
  const rest: (() => ReturnType<typeof keyFrom>)[] = []
  for (const source of sources) {
    // What the user has said to be right is trusted wherever it came from; of the world he says nothing.
    if (!isTrusted(ctx, source) && !homeSources[source.name]) rest.push(() => keyFrom(source))
    else {
      const found = await keyFrom(source)
      if (found?.key.trusted) yield found.key
      else rest.push(async () => found)
    }
  }
  const hearsay: FoundKey[] = []
  for (const found of rest) {
    const { key, isHearsay } = (await found()) ?? {}
    if (key && isHearsay) hearsay.push(key)
    else if (key) yield key
  }
  yield* hearsay
}

/**
 * The key to write to an address with: the first of `keysFor` that can be used now. Where none can, the first that was
 * found, whose `verdict` tells what is wrong with it; null for none at all. A key that one source has as revoked is not
 * good because another has an older copy. Refuses with 'rate.exceeded' and 'server.busy' like `askWorld`.
 */
async function look(ctx: Context, wanted: Wanted): Promise<FoundKey | null> {
  const revoked = new Set<string>()
  let first: FoundKey | null = null
  for await (const found of keysFor(ctx, wanted)) {
    if (found.verdict === true && !revoked.has(found.fingerprint)) return found
    if (found.verdict === 'revoked') revoked.add(found.fingerprint)
    first ??= found
  }
  return first
}

/** See `look`. An address that nobody can have is one that there is no key for. */
export async function findKey(
  ctx: Context,
  { account, address }: { account: Account; address: string },
): Promise<FoundKey | null> {
  const wanted = lookedFor(address)
  return wanted ? look(ctx, { account, address: wanted }) : null
}

// So many at a time; and so long for all of them together, while each stranger may take a few seconds.
const AT_ONCE = 8
const PATIENCE = 20_000

/**
 * The same for many addresses. When strangers have taken too long together, it is refused as 'server.busy'; what they
 * said is kept, and the next try goes on from there.
 */
export async function findKeys(
  ctx: Context,
  { account, addresses }: { account: Account; addresses: readonly string[] },
): Promise<Map<string, FoundKey | null>> {
  const found = new Map<string, FoundKey | null>()
  const left = [...new Set(addresses)].values()
  const until = AbortSignal.timeout(PATIENCE)
  const work = async () => {
    for (const address of left) {
      const wanted = lookedFor(address)
      found.set(address, wanted === null ? null : await look(ctx, { account, address: wanted, until }))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  return found
}
