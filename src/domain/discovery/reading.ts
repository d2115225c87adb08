import type { Context } from '#src/context.ts'
import { inOurWords } from '#src/domain/keys/keys.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { addressesIn } from '#src/lib/openpgp/addresses.ts'
import { reasonWord } from '#src/lib/openpgp/refusals.ts'
import type { CertificateInfo } from '#src/lib/openpgp/types.ts'
import * as store from './store.ts'

/** A certificate, judged now. */
export interface Seen {
  certificate: Uint8Array
  info: CertificateInfo
}

// A key server may have several for an address; each costs the engine's time.
const KEYS_LOOKED_AT = 16

const NEVER = 8_640_000_000_000_000

/** What the engine says of a stored certificate; null for one that it does not read. */
export async function seen(ctx: Context, certificate: Uint8Array): Promise<Seen | null> {
  const [first] = await ringsIn(ctx, certificate)
  return first ?? null
}

/** The keys in a file from anywhere. What the engine refuses, or does not finish in time, is none. */
export async function ringsIn(ctx: Context, file: Uint8Array): Promise<Seen[]> {
  try {
    const { rings } = await inOurWords(ctx.workers.openpgp.inspect({ bytes: file, now: ctx.clock.now() }))
    return rings.slice(0, KEYS_LOOKED_AT).map(({ certificate, info }) => ({ certificate, info }))
  } catch (error) {
    if (isRefusal(error)) return []
    throw error
  }
}

/**
 * What of a certificate speaks for an address: user IDs with exactly that address, nothing by others. Null for nothing,
 * and that is also what a user ID says that was taken back; a key that was revoked is one all the same.
 */
export async function forAddress(ctx: Context, certificate: Uint8Array, address: string): Promise<Seen | null> {
  try {
    const now = ctx.clock.now()
    const bytes = await inOurWords(ctx.workers.openpgp.publishable({ certificate, addresses: [address], now }))
    const found = bytes && (await seen(ctx, bytes))
    return found && (isRevoked(found) || addressesIn(found.info).length > 0) ? found : null
  } catch (error) {
    if (isRefusal(error)) return null
    throw error
  }
}

const isRevoked = ({ info }: Seen): boolean => info.keys[0]!.revoked

/** Notes that a key was revoked, for good: no other source makes it usable again. */
export async function noteRevocations(ctx: Context, keys: readonly Seen[]): Promise<void> {
  for (const key of keys) if (isRevoked(key)) await store.noteKey(ctx, store.REVOKED, key.info.fingerprint, NEVER)
}

/** True when one can encrypt to a key now, or why not. */
export async function verdictOn(ctx: Context, { info }: Seen): Promise<true | string> {
  if (await store.isKnownRevoked(ctx, info.fingerprint)) return 'revoked'
  return info.canEncrypt === true || reasonWord(info.canEncrypt)
}

/** Of several keys for an address the newest that can be used, or else the newest. */
export function best(keys: readonly Seen[]): Seen | null {
  const merit = ({ info }: Seen) => [Number(info.canEncrypt === true), info.keys[0]!.created] as const
  const better = (a: Seen, b: Seen) => {
    const [[usableA, createdA], [usableB, createdB]] = [merit(a), merit(b)]
    return usableB - usableA || createdB - createdA
  }
  return keys.toSorted(better)[0] ?? null
}
