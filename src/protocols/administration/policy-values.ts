import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { type Explained, isPolicyKey, type PolicyChanges } from '#src/domain/policy/policy.ts'
import { Refusal } from '#src/domain/refusals.ts'

/** A policy as it travels, by the names of its keys. */
export const policyByKey = (policy: readonly Explained[]): Record<string, Omit<Explained, 'key'>> =>
  Object.fromEntries(policy.map(({ key, ...said }) => [key, said]))

/** A value as `GET` shows it, or as its setting is written; null takes back what is said. */
const value = z.union([z.string().max(200), z.number(), z.boolean(), z.array(z.string().max(40)).max(10), z.null()])

export const Changes = z.record(z.string().max(60), value).refine((changes) => Object.keys(changes).length > 0)

/** As the setting of the same name is written. */
function written(given: Exclude<z.output<typeof value>, null>): string {
  if (Array.isArray(given)) return given.join(',') || 'none'
  if (typeof given === 'boolean') return given ? 'on' : 'off'
  return String(given)
}

/** What somebody wants to say; refuses with 'input.invalid' and the names of what cannot be read. */
export function changesIn(ctx: Context, given: z.output<typeof Changes>): PolicyChanges {
  const changes: Record<string, unknown> = {}
  const wrong: string[] = []
  for (const [key, value] of Object.entries(given)) {
    const read = value === null ? { value: undefined } : ctx.house.readSetting(key, written(value))
    if (isPolicyKey(key) && read) changes[key] = read.value
    else wrong.push(key)
  }
  if (wrong.length > 0) throw new Refusal('input.invalid', { params: wrong.slice(0, 10) })
  return changes
}
