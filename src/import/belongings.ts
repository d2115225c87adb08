import type { Context } from '#src/context.ts'
import { type ImportedPicture, type Preferences, pictureKind, wrapPassword } from '#src/domain/accounts/accounts.ts'
import { type ImportedFactor, phoneNumber } from '#src/domain/factors/factors.ts'
import { isRefusal, Refusal } from '#src/domain/refusals.ts'
import { apiKeyBounds, type ImportedApiKey } from '#src/domain/sessions/sessions.ts'
import { BadRow, time } from './loose.ts'
import { keyIn, preferencesIn } from './parts.ts'
import type { ImportedPerson } from './rows.ts'
import type { People, Source } from './source.ts'
import type { Part } from './tally.ts'

/** What hangs on a person, made ready to be kept; what cannot be is in `left`, each with its reason. */
export interface Belongings {
  picture: ImportedPicture | null
  preferences: Preferences | null
  keys: ImportedApiKey[]
  factor: ImportedFactor | null
  left: { part: Part; why: string }[]
}

/** Runs what may find a row bad: its reason instead of an answer then. */
async function orBad<T>(read: () => T | Promise<T>): Promise<T | string> {
  try {
    return await read()
  } catch (error) {
    if (error instanceof BadRow) return error.message
    if (error instanceof Refusal) return REASONS[error.reason] ?? error.reason
    throw error
  }
}

const REASONS: Partial<Record<Refusal['reason'], string>> = {
  'picture.unusable': 'it is no picture that may be kept here',
  'factor.target-invalid': 'its number is none; its second step is OFF here',
}

async function pictureOf(ctx: Context, source: Source, people: People, person: ImportedPerson) {
  const row = await source.avatarOf(people, person.foreignId)
  if (!row) return null
  const created = time(person.avatar) || time(row.created) || ctx.clock.now()
  return orBad(() => ({ kind: pictureKind(ctx, row.bytes), bytes: row.bytes, created }))
}

async function preferencesOf(source: Source, people: People, { foreignId }: ImportedPerson) {
  const row = await source.preferencesOf(people, foreignId)
  return row ? orBad((): Preferences => ({ data: preferencesIn(row), modified: time(row.modified) })) : null
}

/** A number as somebody typed it; most wrote it with its plus, some without. */
const numberIn = (given: string): Promise<string> =>
  phoneNumber(given).catch((error: unknown) => {
    if (isRefusal(error) && /^[\d\s()-]+$/.test(given)) return phoneNumber(`+${given}`)
    throw error
  })

async function factorOf({ step }: ImportedPerson): Promise<ImportedFactor | string | null> {
  return step?.kind === 'sms' ? orBad(async () => ({ kind: 'sms', number: await numberIn(step.number) })) : step
}

/** First what still opens something, and of that what was used last, or made last. */
const byUse = (now: number) => (one: ImportedApiKey, other: ImportedApiKey) =>
  Number(other.expires > now) - Number(one.expires > now) || other.lastUse - one.lastUse || other.created - one.created

/** Reads what hangs on a person. */
export async function belongingsOf(
  ctx: Context,
  { source, people, person }: { source: Source; people: People; person: ImportedPerson },
): Promise<Belongings> {
  const left: Belongings['left'] = []
  const kept = <T extends object>(part: Part, found: T | string | null): T | null => {
    if (typeof found === 'string') left.push({ part, why: found })
    return typeof found === 'string' ? null : found
  }
  const keys: ImportedApiKey[] = []
  for (const row of await source.keysOf(people, person.foreignId)) {
    const key = kept('API keys', await orBad(() => keyIn(row)))
    if (key) keys.push(key)
  }
  keys.sort(byUse(ctx.clock.now()))
  for (const _ of keys.splice(apiKeyBounds.keys)) kept('API keys', 'it is one more than may be kept here')
  return {
    picture: kept('avatars', await pictureOf(ctx, source, people, person)),
    preferences: kept('preferences', await preferencesOf(source, people, person)),
    keys,
    factor: kept('second steps', await factorOf(person)),
    left,
  }
}

/** The hash to be kept for each person; as many at once as the machine should bear, and never a full queue. */
export async function passwordsOf(
  ctx: Context,
  persons: readonly ImportedPerson[],
): Promise<Map<ImportedPerson, string>> {
  const hashes = new Map<ImportedPerson, string>()
  const waiting = persons.filter(({ password }) => password)
  const next = async (): Promise<void> => {
    for (let one = waiting.shift(); one; one = waiting.shift()) hashes.set(one, await wrapPassword(ctx, one.password!))
  }
  await Promise.all(Array.from({ length: ctx.config.passwordWidth }, next))
  return hashes
}
