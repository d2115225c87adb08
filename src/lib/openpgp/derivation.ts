import { limits } from './limits.ts'

/** How a key is derived from a password (RFC 9580, section 3.7), as the library holds it. */
export type Derivation = { type: string; getCount?(): number; t?: number; encodedM?: number }

/**
 * Whether somebody made these dear on purpose: more MiB to hash, or to fill in all passes of Argon2, than
 * `limits.derivationMiB` in all. The library bounds the memory of each, not how often it is gone through.
 */
export function isTooDear(derivations: (Derivation | null)[]): boolean {
  const total = derivations.reduce((sum, derivation) => sum + (derivation ? mebibytesOf(derivation) : 0), 0)
  return total > limits.derivationMiB
}

function mebibytesOf(derivation: Derivation): number {
  const { type, t = 0, encodedM = 0 } = derivation
  if (type === 'argon2') return t * 2 ** (encodedM - 10)
  return type === 'iterated' && derivation.getCount ? derivation.getCount() / 2 ** 20 : 0
}
