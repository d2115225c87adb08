import type { Context } from '#src/context.ts'
import type { FoundKey } from './found.ts'
import { seen, verdictOn } from './reading.ts'

export interface Source {
  name: string
  level: number
}

/** The sources in their order. One's own tenant is asked in any case: mail among colleagues depends on nobody else. */
export function sourcesOf({ config }: Context): Source[] {
  const { keySources } = config
  return keySources.some(({ name }) => name === 'tenant') ? keySources : [{ name: 'tenant', level: 5 }, ...keySources]
}

/** What a source has for an address, before it is judged. */
export interface Held {
  certificate: Uint8Array
  inline?: boolean
  /** the user himself has said that it is right */
  verified?: boolean
  /** nobody but the mail that it came with says that it is for the address: never trusted, whatever its source is worth */
  doubtful?: boolean
  /** others have passed it on */
  gossip?: boolean
}

/** Does what a source says count, by the setting `keyTrustLevel`? */
export const isTrusted = ({ config }: Context, { level }: Pick<Source, 'level'>): boolean =>
  level >= config.keyTrustLevel

/** A key of a source; null for one that cannot be read. */
export async function judged(ctx: Context, { name, level }: Source, held: Held): Promise<FoundKey | null> {
  const key = await seen(ctx, held.certificate)
  if (!key) return null
  const { keyTrustLevel } = ctx.config
  // What the user has looked at himself is worth more than where it came from.
  const trust = held.verified ? Math.max(level, keyTrustLevel) : level
  const worth = held.doubtful ? Math.min(level, Math.max(0, keyTrustLevel - 1)) : trust
  return {
    ...key,
    fingerprint: key.info.fingerprint,
    source: name,
    level: worth,
    trusted: !held.doubtful && isTrusted(ctx, { level: worth }),
    inline: held.inline ?? false,
    verdict: await verdictOn(ctx, key),
  }
}
