import type { z } from 'zod'
import { faultIn } from './config-faults.ts'
import { groups } from './config-groups.ts'

type Groups = typeof groups
type Entries = { [G in keyof Groups]: Groups[G] }[keyof Groups]
type Merged = Entries extends infer E ? (E extends unknown ? (k: E) => void : never) : never
type All = Merged extends (k: infer I) => void ? I : never
export type Config = {
  readonly [K in keyof All]: All[K] extends readonly [infer S extends z.ZodType, ...unknown[]] ? z.output<S> : never
}

export interface Setting {
  group: string
  name: string
  env: string
  schema: z.ZodType
  meaning: string
  hidden?: 'secret' | 'url'
}

/** Every setting, in the order of the groups. */
export const settings: readonly Setting[] = Object.entries(groups).flatMap(([group, entries]) =>
  Object.entries(entries as Record<string, readonly [z.ZodType, string, ('secret' | 'url')?]>).map(
    ([name, [schema, meaning, hidden]]) => ({
      group,
      name,
      env: `CHATELAINE_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`,
      schema,
      meaning,
      hidden,
    }),
  ),
)

/** Reads one setting by its name here (`twoStep`), as its variable would be read; throws `BadSettings`. */
export function readSetting<K extends keyof Config>(name: K, text: string): Config[K] {
  const result = settings.find((setting) => setting.name === name)!.schema.safeParse(text)
  if (!result.success) throw new BadSettings(`${name}: ${result.error.issues.map(faultIn).join('; ')}`)
  return result.data as Config[K]
}

/** The same for a name and a text that somebody sent: null for what cannot be read. */
export function settingIn(name: string, text: string): { value: unknown } | null {
  // As a setting an empty value is an absent one; here it would be anybody's guess.
  const result = text === '' ? null : settings.find((setting) => setting.name === name)?.schema.safeParse(text)
  return result?.success ? { value: result.data } : null
}

/** Thrown with every fault of the settings, one line each; the values are not repeated. */
export class BadSettings extends Error {}

/** CHATELAINE_ variables that no setting reads: typing errors, or settings of another version. Worth a warning. */
export function unknownSettings(environment: Record<string, string | undefined>): string[] {
  const known = new Set(settings.map(({ env }) => env))
  return Object.keys(environment).filter(
    (env) => env.startsWith('CHATELAINE_') && !env.startsWith('CHATELAINE_TEST_') && !known.has(env),
  )
}

/** Reads the settings from an environment; throws `BadSettings`. An empty variable counts as absent. */
export function readConfig(environment: Record<string, string | undefined>): Config {
  const faults: string[] = []
  const config: Record<string, unknown> = {}
  for (const { name, env, schema } of settings) {
    const result = schema.safeParse(environment[env] === '' ? undefined : environment[env])
    if (result.success) config[name] = result.data
    else faults.push(...result.error.issues.map((issue) => `${env}: ${faultIn(issue)}`))
  }
  if (config.smsPreset === 'generic' && !config.smsUrl)
    faults.push('CHATELAINE_SMS_URL: the generic connector needs it')
  if (faults.length > 0) throw new BadSettings(faults.join('\n'))
  return Object.freeze(config) as Config
}
