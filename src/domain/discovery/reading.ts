import type { Context } from '#src/context.ts'
import { described, inOurWords } from '#src/domain/keys/keys.ts'
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
  try {
    return { certificate, info: await described(ctx, certificate) }
  } catch (error) {
    if (isRefusal(error)) return null
    throw error
  }
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
 * What in a file from anywhere speaks for an address: user IDs with exactly that address, nothing by others. What a user
 * ID says that was taken back is nothing; a key that was revoked is one all the same. What the engine refuses, or does not
 * finish in time, is none.
 */
export async function keysFor(ctx: Context, file: Uint8Array, address: string): Promise<Seen[]> {
  try {
    const now = ctx.clock.now()
    const found = await inOurWords(ctx.workers.openpgp.forAddress({ bytes: file, addresses: [address], now }))
    return found.filter((key) => isRevoked(key) || addressesIn(key.info).length > 0)
  } catch (error) {
    if (isRefusal(error)) return []
    throw error
  }
}

// A real key that speaks for one address has a tenth of it. It is kept for everybody, and looked at often.
const KEPT_BYTES = 64 * 1024

/** May a key be kept? That it is too large is written down, but not whose it is. */
export function isModest(ctx: Context, source: string, { certificate: { length } }: Seen): boolean {
  if (length <= KEPT_BYTES) return true
  ctx.log.info('key-lookup.too-large', { source, bytes: length })
  return false
}

const isRevoked = ({ info }: Pick<Seen, 'info'>): boolean => info.keys[0]!.revoked

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
