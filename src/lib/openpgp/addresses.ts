import { asciiAddress } from '../mail-address.ts'
import type { CertificateInfo } from './types.ts'

/** The addresses that a certificate bears, lower case, their domains in ASCII; those in user ids that it took back are none. */
export const addressesIn = ({ userIds }: Pick<CertificateInfo, 'userIds'>): string[] => [
  ...new Set(userIds.flatMap(({ email, revoked }) => (email !== null && !revoked ? [asciiAddress(email)] : []))),
]
