import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { seconds } from '#src/lib/clock.ts'
import { lookedFor } from './finding.ts'
import { judged, type Source, sourcesOf } from './judging.ts'
import * as store from './store.ts'
import { askWorld } from './world.ts'

/** A key that the world has for an address, to judge signatures by. */
export interface SigningKey {
  certificate: Uint8Array
  fingerprint: string
  /** the name of its source in the setting `keySources` */
  source: string
  /** the trust in the source is one that counts, by the setting `keyTrustLevel` */
  trusted: boolean
  /** it was seen revoked elsewhere, which this copy does not tell */
  revoked: boolean
}

interface Sought {
  account: Account
  address: string
  /** of the keys or subkeys that are said to have signed, 16 upper-case hex digits each */
  keyIds: readonly string[]
}

const strangersOf = (ctx: Context): Source[] => sourcesOf(ctx).filter(({ name }) => ctx.carriers.finders.has(name))

/** A key that two sources have is that of the better one. */
const mostTrustedFirst = (sources: readonly Source[]): Source[] => sources.toSorted((a, b) => b.level - a.level)

/** A certificate of a source, with the ids of all keys in it; null for one that cannot be read. */
async function signingKey(
  ctx: Context,
  source: Source,
  certificate: Uint8Array,
): Promise<(SigningKey & { ids: string[] }) | null> {
  const key = await judged(ctx, source, { certificate })
  if (!key) return null
  const { info, fingerprint, trusted } = key
  const revoked = !info.keys[0]!.revoked && (await store.isKnownRevoked(ctx, fingerprint))
  return { certificate, fingerprint, source: source.name, trusted, revoked, ids: info.keys.map(({ keyId }) => keyId) }
}

/** What the world is known to have for an address, the most trusted first. Nobody is asked. */
export async function signersKnown(ctx: Context, text: string): Promise<SigningKey[]> {
  const address = lookedFor(text)
  if (address === null) return []
  const rows = new Map((await store.foundFor(ctx, address)).map((row) => [row.source, row]))
  const keys: SigningKey[] = []
  for (const source of mostTrustedFirst(strangersOf(ctx))) {
    const row = rows.get(source.name)
    if (!row?.certificate || row.expires <= ctx.clock.now()) continue
    const key = await signingKey(ctx, source, row.certificate)
    if (key) keys.push(key)
  }
  return keys
}

async function askFor(ctx: Context, { account, address, keyIds }: Sought): Promise<SigningKey | null> {
  const strangers = strangersOf(ctx)
  const names = strangers.map(({ name }) => name)
  const answers = await askWorld(ctx, { account, address }, names)
  for (const source of mostTrustedFirst(strangers)) {
    const certificate = await answers.get(source.name)
    const key = certificate ? await signingKey(ctx, source, certificate) : null
    if (key?.ids.some((id) => keyIds.includes(id))) return key
  }
  return null
}

/**
 * Asks the world for the key of an address that has made a signature. Waits no longer than for one source, and never
 * fails: null when nobody has it, says so in time, or may be asked (see `askWorld`). What comes too late is there the
 * next time.
 */
export async function findSigner(ctx: Context, sought: Sought): Promise<SigningKey | null> {
  const address = lookedFor(sought.address)
  if (address === null) return null
  const patience = Promise.withResolvers<null>()
  const timer = setTimeout(() => patience.resolve(null), seconds(ctx.config.keyLookupTimeout))
  const asked = askFor(ctx, { ...sought, address }).catch((error: unknown) => {
    if (isRefusal(error)) ctx.log.debug('signer.not-asked-for', { reason: error.reason })
    else ctx.log.error('signer.not-asked-for', { error })
    return null
  })
  try {
    return await Promise.race([asked, patience.promise])
  } finally {
    clearTimeout(timer)
  }
}
