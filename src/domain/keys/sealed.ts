import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { decryptBytes, derivedKey, encryptBytes } from '#src/lib/sealing.ts'
import { inOurWords } from './openpgp-reasons.ts'
import type { LockedRing, RingRow } from './store.ts'

/**
 * At rest a secret key is sealed under a key that comes from its owner's key password alone: nothing in the key file
 * or in the database opens it. One derivation per account and password opens all rings that have that password.
 */
export const unlockKeyOf = (ctx: Context, account: Account, password: string): Promise<Buffer> =>
  ctx.workers.passwords.derive(password, account.unlock_salt)

const keyOfRing = (unlockKey: Uint8Array, ringId: string): Buffer => derivedKey(unlockKey, `key ring ${ringId}`)

export const sealSecret = (unlockKey: Uint8Array, ringId: string, secret: Uint8Array): Buffer =>
  encryptBytes(keyOfRing(unlockKey, ringId), secret, ringId)

/** A ring that a key password opened; `secret` is a transferable secret key without any lock. */
export interface OpenRing {
  ring: LockedRing & { secret: Uint8Array }
  secret: Uint8Array
}

/** What an unlock key opens; null for another password. */
export function openSealed(unlockKey: Uint8Array, ringId: string, sealed: Uint8Array): Buffer | null {
  try {
    return decryptBytes(keyOfRing(unlockKey, ringId), sealed, ringId)
  } catch {
    return null
  }
}

/** The rings among these that the unlock key opens. */
export function openRings(unlockKey: Uint8Array, rings: readonly LockedRing[]): OpenRing[] {
  return rings.flatMap((ring) => {
    const { id, secret: sealed } = ring
    const secret = sealed && openSealed(unlockKey, id, sealed)
    return secret ? [{ ring: { ...ring, secret: sealed }, secret }] : []
  })
}

/** A row as it is since its password has opened it: that may have sealed it anew. */
export const sealedNow = (row: RingRow, { ring }: OpenRing): RingRow => ({
  ...row,
  secret: ring.secret,
  unlock_salt: ring.unlock_salt,
})

interface Opened {
  ring: Pick<LockedRing, 'certificate' | 'secret_behind'>
  secret: Uint8Array
}

/** The secret key with everything that its certificate has learnt since it was sealed. */
export async function upToDate(ctx: Context, { ring, secret }: Opened): Promise<Uint8Array> {
  if (!ring.secret_behind) return secret
  const { certificate } = ring
  const merged = await inOurWords(ctx.workers.openpgp.merge({ certificate, other: secret, now: ctx.clock.now() }))
  return merged.secret ?? secret
}

/** Refuses a new key password that is too short: 'key.password-short'. */
export function judgeKeyPassword(ctx: Context, password: string): void {
  const least = ctx.config.keyPasswordMinLength
  if ([...password].length < least) throw new Refusal('key.password-short', { params: [least] })
}
