import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { seconds } from '#src/lib/clock.ts'
import { reasonOf } from './asking.ts'
import { lookedFor } from './finding.ts'
import { judged, type Source, sourcesOf } from './judging.ts'
import * as store from './store.ts'
import { askWorld } from './world.ts'

/** A key that the world has for an address, to judge a signature by. */
export interface SigningKey {
  certificate: Uint8Array
  fingerprint: string
  /** the name of its source in the setting `keySources` */
  source: string
  /** the trust in the source is one that counts, by the setting `keyTrustLevel` */
  trusted: boolean
  /** it was seen revoked somewhere, if not in this copy */
  revoked: boolean
}

/** The sources that are strangers, those first that are trusted most: a key that two of them have is the better one's. */
const strangersOf = (ctx: Context): Source[] =>
  sourcesOf(ctx)
    .filter(({ name }) => ctx.carriers.finders.has(name))
    .toSorted((a, b) => b.level - a.level)

type Known = SigningKey & { keyIds: string[] }

async function known(ctx: Context, source: Source, certificate: Uint8Array): Promise<Known | null> {
  const key = await judged(ctx, source, { certificate })
  if (!key) return null
  const { fingerprint, trusted } = key
  const revoked = await store.isKnownRevoked(ctx, fingerprint)
  return { certificate, fingerprint, source: source.name, trusted, revoked, keyIds: key.info.keys.map((one) => one.keyId) }
}

/** What the world is known to have for an address, the most trusted first. Nobody is asked. */
export async function signersKnown(ctx: Context, text: string): Promise<SigningKey[]> {
  const address = lookedFor(text)
  if (address === null) return []
  const rows = new Map((await store.foundFor(ctx, address)).map((row) => [row.source, row]))
  const keys: SigningKey[] = []
  for (const source of strangersOf(ctx)) {
    const row = rows.get(source.name)
    const key = row?.certificate && row.expires > ctx.clock.now() && (await known(ctx, source, row.certificate))
    if (key) keys.push(key)
  }
  return keys
}

async function ask(ctx: Context, { account, address, keyIds }: Sought): Promise<SigningKey | null> {
  const strangers = strangersOf(ctx)
  // They are asked in the order of the setting, as for somebody who writes to the address.
  const names = sourcesOf(ctx).filter((source) => strangers.includes(source))
  const answers = await askWorld(
    ctx,
    { account, address },
    names.map(({ name }) => name),
  )
  for (const source of strangers) {
    const certificate = await answers.get(source.name)
    const key = certificate ? await known(ctx, source, certificate) : null
    if (key?.keyIds.some((id) => keyIds.includes(id))) return key
  }
  return null
}

interface Sought {
  account: Account
  address: string
  /** of the key or subkey that is said to have signed, 16 upper-case hex digits each */
  keyIds: readonly string[]
}

/**
 * Asks the world for the key of an address that made a signature. Waits for it as long as for one source, and fails
 * never: null when nobody has it, answers in time, or may be asked (see `askWorld`). What comes later is kept for next
 * time.
 */
export async function findSigner(ctx: Context, { account, address: text, keyIds }: Sought): Promise<SigningKey | null> {
  const address = lookedFor(text)
  if (address === null) return null
  const patience = Promise.withResolvers<null>()
  const timer = setTimeout(() => patience.resolve(null), seconds(ctx.config.keyLookupTimeout))
  const asked = ask(ctx, { account, address, keyIds }).catch((error) => {
    ctx.log.info('key-lookup.failed', { source: 'signer', reason: reasonOf(error) })
    return null
  })
  try {
    return await Promise.race([asked, patience.promise])
  } finally {
    clearTimeout(timer)
  }
}
