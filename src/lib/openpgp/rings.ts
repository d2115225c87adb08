import type { Key, Subkey } from 'openpgp'
import { describe } from './judge.ts'
import { refusing } from './refusals.ts'
import type { MergedRing } from './types.ts'

/** A ring in the form in which it leaves the engine. */
export async function ringOf(key: Key, now: number): Promise<MergedRing> {
  const certificate = key.toPublic().write()
  const info = await refusing('key.unreadable', () => describe(key, now))
  return key.isPrivate() ? { certificate, secret: key.write(), info } : { certificate, info }
}

/** The subkey of a ring by its key id (16 hex digits) or fingerprint. */
export function subkeyOf(key: Key, id: string): Subkey | undefined {
  const wanted = id.toLowerCase()
  return key.subkeys.find((subkey) => [subkey.getKeyID().toHex(), subkey.getFingerprint()].includes(wanted))
}
