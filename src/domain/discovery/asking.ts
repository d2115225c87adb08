import type { Context } from '#src/context.ts'
import { hours, minutes } from '#src/lib/clock.ts'
import { PoolBusy } from '#src/lib/openpgp/refusals.ts'
import { accountLines } from './lines.ts'
import { best, isModest, keysFor, noteRevocations, type Seen } from './reading.ts'
import * as store from './store.ts'

type Source = Parameters<Context['carriers']['finders']['get']>[0]

interface Question {
  source: Source
  address: string
}

// That there is no key is believed for an hour; that somebody could not be asked, for less.
const NONE_FOR = hours(1)
const FAILED_FOR = minutes(5)

/** How long an answer is kept: not all for equally long, so that not all are asked for again at once. */
export function keptFor(ctx: Context): number {
  const whole = hours(ctx.config.keyLookupHours)
  return Math.round(whole * (0.85 + ctx.clock.chance.below(1000) / 5000))
}

/** How long a key is still used whose source gives no answer, counted from its last one. */
export const staleFor = (ctx: Context): number => hours(2 * ctx.config.keyLookupHours)

// What strangers' files cost the engine: whoever asks for many of them waits for himself.
const inEngineLine = accountLines(1)

/** The keys that a source has for an address, and only what in them speaks for it. */
async function answerOf(ctx: Context, { source, address }: Question, asker: string): Promise<Seen[]> {
  const files = (await ctx.carriers.finders.get(source)?.byAddress(address)) ?? []
  const keys: Seen[] = []
  for (const file of files) keys.push(...(await inEngineLine(ctx, asker, () => keysFor(ctx, file, address))))
  return keys
}

/** What went wrong, without a word of the address: logs are read by more people than mails. */
export const reasonOf = (error: unknown): string => {
  const { kind, name, message } = error as Error & { kind?: string }
  return kind ? `${kind}: ${message}` : `${name}: ${message}`
}

/** That we have too much to do, the lines to strangers or the engine, says nothing of the source. */
const isOurs = (error: unknown): boolean => error instanceof PoolBusy || (error as { kind?: string }).kind === 'busy'

async function failed(
  ctx: Context,
  { question, error, row }: { question: Question; error: unknown; row: store.FoundRow | undefined },
): Promise<Uint8Array | null> {
  ctx.log.info('key-lookup.failed', { source: question.source, reason: reasonOf(error) })
  const now = ctx.clock.now()
  if (row?.certificate && row.fetched + staleFor(ctx) > now) {
    await store.changeFound(ctx, question, { used: row.used, expires: now + NONE_FOR })
    return row.certificate
  }
  if (!isOurs(error))
    await store.keepFound(ctx, {
      ...question,
      fingerprint: '',
      certificate: null,
      fetched: now,
      used: now,
      expires: now + FAILED_FOR,
      claimed: 0,
    })
  return null
}

/** An answer that somebody else has had since `row` was read, and that is still good. */
async function newerThan(
  ctx: Context,
  { source, address }: Question,
  row: store.FoundRow | undefined,
): Promise<store.FoundRow | undefined> {
  const kept = (await store.foundFor(ctx, address)).find((one) => one.source === source)
  return kept && kept.expires !== row?.expires && kept.expires > ctx.clock.now() ? kept : undefined
}

async function askNow(ctx: Context, question: Question, { row, asker }: Asked): Promise<Uint8Array | null> {
  const newer = await newerThan(ctx, question, row)
  if (newer) return newer.certificate
  let keys: Seen[]
  try {
    keys = await answerOf(ctx, question, asker)
  } catch (error) {
    return failed(ctx, { question, error, row })
  }
  await noteRevocations(ctx, keys)
  const key = best(keys.filter((key) => isModest(ctx, question.source, key)))
  const now = ctx.clock.now()
  await store.keepFound(ctx, {
    ...question,
    fingerprint: key?.info.fingerprint ?? '',
    certificate: key?.certificate ?? null,
    fetched: now,
    used: row?.used ?? now,
    expires: now + (key ? keptFor(ctx) : NONE_FOR),
    claimed: 0,
  })
  return key?.certificate ?? null
}

const underWay = new WeakMap<Context['database'], Map<string, Promise<Uint8Array | null>>>()

interface Asked {
  /** what it said before */
  row: store.FoundRow | undefined
  /** the id of the account that asks, or a name for nobody's */
  asker: string
}

/**
 * Asks a source in the world for the key of an address, and keeps the answer. Who asks for
 * the same meanwhile waits for the same answer.
 */
export function ask(ctx: Context, question: Question, asked: Asked): Promise<Uint8Array | null> {
  const running = underWay.get(ctx.database) ?? new Map<string, Promise<Uint8Array | null>>()
  underWay.set(ctx.database, running)
  const key = `${question.source} ${question.address}`
  const known = running.get(key)
  if (known) return known
  const asking = askNow(ctx, question, asked).finally(() => running.delete(key))
  running.set(key, asking)
  return asking
}
