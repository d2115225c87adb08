import { BadSettings, readSetting, settings } from '#src/config.ts'
import { asText } from '#src/config-text.ts'
import { isPolicyKey, type PolicyChanges, type PolicyKey, policyKeys } from '#src/domain/policy/policy.ts'
import { plain } from './text.ts'
import { Misuse } from './verb.ts'

const meaningOf = (key: PolicyKey): string => settings.find(({ name }) => name === key)!.meaning

/** Every key with its meaning: what the settings of the same names mean. */
export const policyKeyLines = (): string[] => {
  const width = Math.max(...policyKeys.map((key) => key.length))
  return policyKeys.map((key) => `  ${key.padEnd(width)}  ${meaningOf(key)}`)
}

function valueIn(key: PolicyKey, text: string): unknown {
  if (text === 'default') return undefined
  try {
    // As a setting an empty value is an absent one; here it would be anybody's guess.
    if (text === '') throw new BadSettings(`${key}: there is no value`)
    return readSetting(key, text)
  } catch (error) {
    if (!(error instanceof BadSettings)) throw error
    throw new Misuse(`${plain(`${key}=${text}`)} cannot be read. ${plain(error.message)}\n  ${key}: ${meaningOf(key)}`)
  }
}

/** Reads KEY=VALUE …; `KEY=default` takes a value back. Throws `Misuse` for what cannot be read. */
export function policyChangesIn(values: readonly string[]): PolicyChanges {
  if (values.length === 0) throw new Misuse('Nothing to set: say KEY=VALUE, or KEY=default to take a value back.')
  const changes: Record<string, unknown> = {}
  for (const value of values) {
    const equals = value.indexOf('=')
    const key = equals < 0 ? value : value.slice(0, equals)
    if (!isPolicyKey(key))
      throw new Misuse(`There is no policy "${plain(key)}". There are:\n${policyKeyLines().join('\n')}`)
    if (equals < 0) throw new Misuse(`${key} has no value: say ${key}=VALUE.`)
    if (key in changes) throw new Misuse(`${key} is there twice.`)
    changes[key] = valueIn(key, value.slice(equals + 1))
  }
  return changes
}

/** What was changed, in words. */
export const changedLines = (changes: PolicyChanges): string[] =>
  Object.entries(changes).map(([key, value]) =>
    value === undefined ? `${key} is said no more.` : `${key} is ${asText(value) || 'none'}.`,
  )
