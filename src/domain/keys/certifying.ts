import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { keyIdOf } from '#src/lib/fingerprint.ts'
import { fingerprintOf } from '#src/lib/openpgp/packets.ts'
import type { Certification } from '#src/lib/openpgp/types.ts'
import { certificatesByKeyIds } from './by-id-store.ts'
import { described } from './described.ts'
import { inOurWords } from './openpgp-reasons.ts'

/** A signature of a certificate, with who made it as far as we know. */
export interface Vouching extends Certification {
  issuerUserId: string | null
}

interface Asked {
  account: Account
  certificate: Uint8Array
  /** further certificates that an issuer may be among, besides those of the tenant */
  known: readonly Uint8Array[]
}

/**
 * Every signature of a certificate: over the key, its user IDs and pictures, its subkeys. Those by keys of the tenant are
 * judged, and those by `known`; nothing is said of trust in whoever made them.
 */
export async function signaturesOf(ctx: Context, { account, certificate, known }: Asked): Promise<Vouching[]> {
  const { openpgp } = ctx.workers
  const now = ctx.clock.now()
  const ask = (verifyWith: Uint8Array[]) => inOurWords(openpgp.certifications({ certificate, verifyWith, now }))
  const first = await ask([])
  const strangers = new Set(
    first.filter(({ status }) => status === 'unknown-key').map(({ issuerKeyId }) => issuerKeyId),
  )
  const ours = await certificatesByKeyIds(ctx, account.tenant, [...strangers])
  const isIssuer = (bytes: Uint8Array) => strangers.has(keyIdOf(fingerprintOf(bytes) ?? ''))
  const issuers = [...known.filter(isIssuer), ...ours.map(({ certificate }) => certificate)]
  const names = new Map<string, string>()
  const named = async (bytes: Uint8Array) => {
    const { keyId, userIds } = await described(ctx, bytes)
    const userId = userIds.find(({ revoked }) => !revoked) ?? userIds[0]
    if (userId) names.set(keyId, userId.text)
  }
  for (const bytes of [certificate, ...issuers]) await named(bytes)
  const judged = issuers.length === 0 ? first : await ask(issuers)
  return judged.map((one) => ({ ...one, issuerUserId: names.get(one.issuerKeyId) ?? null }))
}
