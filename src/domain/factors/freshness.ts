import type { Policy } from '#src/domain/policy/policy.ts'
import { days } from '#src/lib/clock.ts'
import type { FactorRow } from './store.ts'

/**
 * When people are to be asked whether their methods are still theirs, epoch milliseconds; null for never. One that was
 * used lately speaks for all.
 */
export function methodsExpiry(
  factors: readonly Pick<FactorRow, 'created' | 'last_used'>[],
  { methodsUpdateDays }: Policy,
): number | null {
  if (methodsUpdateDays === 0 || factors.length === 0) return null
  const newest = Math.max(...factors.flatMap(({ created, last_used }) => [created, last_used ?? 0]))
  return newest + days(methodsUpdateDays)
}
