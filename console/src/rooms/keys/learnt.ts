import { endOf, masterOf, type OwnKey } from './calls.ts'

/** What a key has learnt from a file; null where it was not here before. */
export interface Learnt {
  secret: boolean
  addresses: number
  parts: number
  end: boolean
  revoked: boolean
}

export function learntOf(after: OwnKey, before: readonly OwnKey[]): Learnt | null {
  const master = masterOf(after)
  const old = before.find((one) => masterOf(one).fingerprint === master.fingerprint)
  if (!old) return null
  const known = masterOf(old)
  return {
    secret: after.privateRing !== undefined && old.privateRing === undefined,
    addresses: master.userIds.filter((userId) => !known.userIds.includes(userId)).length,
    parts: Math.max(0, after.publicRing.keys.length - old.publicRing.keys.length),
    end: endOf(master) !== endOf(known),
    revoked: master.revoked && !known.revoked,
  }
}
