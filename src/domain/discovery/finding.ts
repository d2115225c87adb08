import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { asciiAddress, isAddress } from '#src/lib/mail-address.ts'
import type { FoundKey } from './found.ts'
import { homeSources } from './home.ts'
import { type Held, judged, sourcesOf } from './judging.ts'
import { askWorld, type Wanted } from './world.ts'

/** An address as it is looked for; null for what is none, or has no domain whose people could be asked. */
export function lookedFor(text: string): string | null {
  const address = asciiAddress(text)
  return isAddress(address) ? address : null
}

/** Can there be a key for this at all? */
export const isLookedFor = (text: string): boolean => lookedFor(text) !== null

/**
 * The key to write to an address with: that of the first source, in the order of the setting `keySources`, which has one
 * that can be used now. Where none has, the first that was found, whose `verdict` tells what is wrong with it; null for
 * none at all. The sources in the world are asked together, when the first of them has its turn. Refuses with
 * 'rate.exceeded' and 'server.busy' like `askWorld`.
 */
async function look(ctx: Context, wanted: Wanted): Promise<FoundKey | null> {
  const sources = sourcesOf(ctx)
  const worldly = sources.map(({ name }) => name).filter((name) => ctx.carriers.finders.has(name))
  let answers: Awaited<ReturnType<typeof askWorld>> | undefined
  let first: FoundKey | null = null
  for (const source of sources) {
    let held: Held | null = null
    if (homeSources[source.name]) held = await homeSources[source.name]!(ctx, wanted)
    else if (worldly.includes(source.name)) {
      answers ??= await askWorld(ctx, wanted, worldly)
      const certificate = await answers.get(source.name)
      held = certificate ? { certificate } : null
    }
    const found = held && (await judged(ctx, source, held))
    if (found?.verdict === true) return found
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
