import type { Letter, Signature } from './calls.ts'

/** What the signatures of a mail amount to, as it is said and shown. */
export type Verdict =
  | 'good'
  | 'relayed'
  | 'partly'
  | 'other'
  | 'unknown'
  | 'unconfirmed'
  | 'changedSince'
  | 'expiredThen'
  | 'revoked'
  | 'none'

const faults = {
  invalid: 'changedSince',
  'key-expired': 'expiredThen',
  'key-revoked': 'revoked',
} as const satisfies Partial<Record<Signature['status'], Verdict>>

/** The gravest fault is the one that counts. */
const GRAVITY = ['invalid', 'key-revoked', 'key-expired'] as const

/** And the signature that it hangs on, where there is one. */
export function verdictOf({ verification: { result }, signatures }: Letter): {
  verdict: Verdict
  signature: Signature | null
} {
  const find = (is: (one: Signature) => boolean) => signatures.find(is) ?? null
  if (result === 'good') {
    const own = find(({ matchesSender }) => matchesSender)
    return own
      ? { verdict: 'good', signature: own }
      : { verdict: 'relayed', signature: find(({ status }) => status === 'valid') }
  }
  if (result === 'partly') return { verdict: 'partly', signature: find(({ matchesSender }) => matchesSender) }
  if (result === 'other')
    return { verdict: 'other', signature: find(({ status, trusted }) => status === 'valid' && trusted) }
  if (result === 'bad') {
    const status = GRAVITY.find((status) => signatures.some((one) => one.status === status)) ?? 'invalid'
    return { verdict: faults[status], signature: find((one) => one.status === status) }
  }
  if (result === 'none') return { verdict: 'none', signature: null }
  const valid = find(({ status }) => status === 'valid')
  return valid ? { verdict: 'unconfirmed', signature: valid } : { verdict: 'unknown', signature: signatures[0] ?? null }
}
