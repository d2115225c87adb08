import { asText } from '#src/config-text.ts'
import type { Explained } from '#src/domain/policy/policy.ts'
import { type Row, rowsOf } from './text.ts'

const sources: Record<Explained['from'], string> = {
  account: 'said for this account',
  domain: 'said for the domain',
  setting: '',
}

/** A policy for people: each value, and who said it where that was not the settings. */
export const policyLines = (policy: readonly Explained[]): string[] => {
  const values = policy.map(({ value }) => asText(value) || 'none')
  const width = Math.max(...values.map((value) => value.length))
  return rowsOf(
    policy.map(({ key, from }, place): Row => [key, `${values[place]!.padEnd(width)}  ${sources[from]}`.trimEnd()]),
  )
}

/** The same for programs. */
export const policyByKey = (policy: readonly Explained[]): Record<string, Omit<Explained, 'key'>> =>
  Object.fromEntries(policy.map(({ key, ...said }) => [key, said]))
