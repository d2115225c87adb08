import { engine } from '../src/lib/openpgp/engine.ts'
import { emailOf, REAL_KEYS } from './million-rows.ts'

/** Bytes as hex, as SQL takes them. */
interface RealKey {
  account: number
  certificate: string
  fingerprint: string
  keyId: string
}

export interface MadeKeys {
  /** of accounts spread evenly over the house, each with the address of its owner */
  real: RealKey[]
  /** what all other rings hold: as large as real ones, and never opened */
  common: { certificate: string; secret: string; revocation: string }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** The accounts with real keys. Every tenth account is a subscriber, and these are users. */
export const keyedAccounts = (accounts: number): number[] => {
  const apart = Math.max(1, Math.floor(accounts / REAL_KEYS))
  return Array.from({ length: Math.min(REAL_KEYS, accounts) }, (_, n) => n * apart)
}

export async function makeKeys(accounts: number, now: number): Promise<MadeKeys> {
  const made = (email: string) =>
    engine.generate({
      userIds: [{ name: 'Person', email }],
      algorithm: 'curve25519',
      validSeconds: 0,
      now: now - 60_000,
    })
  const first = await made('common@d0.example')
  const real: RealKey[] = []
  for (const account of keyedAccounts(accounts)) {
    const { certificate, info } = await made(emailOf(account))
    real.push({ account, certificate: hex(certificate), fingerprint: info.fingerprint, keyId: info.keyId })
  }
  // Sealed bytes are a little longer than what they hold.
  const secret = hex(Buffer.concat([first.secret, Buffer.alloc(28)]))
  return { real, common: { certificate: hex(first.certificate), secret, revocation: 'r'.repeat(600) } }
}
