import type { Context } from '#src/context.ts'
import { described } from '#src/domain/keys/keys.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { canonicalAddress } from '#src/lib/autocrypt/header.ts'
import { addressesIn } from '#src/lib/openpgp/addresses.ts'
import type { CertificateInfo } from '#src/lib/openpgp/types.ts'

/** What the engine says of a stored key; null for one that it does not read any more. */
export async function seenNow(ctx: Context, certificate: Uint8Array): Promise<CertificateInfo | null> {
  try {
    return await described(ctx, certificate)
  } catch (error) {
    if (isRefusal(error, 'key.unreadable', 'input.too-large')) return null
    throw error
  }
}

/** Does a key say in a user id that it is for this address? */
export const bearsAddress = (info: CertificateInfo, address: string): boolean =>
  addressesIn(info).some((one) => canonicalAddress(one) === address)

/** Can a mail be encrypted with it now? */
export const isUsable = async (ctx: Context, certificate: Uint8Array): Promise<boolean> =>
  (await seenNow(ctx, certificate))?.canEncrypt === true
