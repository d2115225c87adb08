import type { Context } from '#src/context.ts'
import { seats } from '#src/domain/seats.ts'
import { days, minutes } from '#src/lib/clock.ts'
import {
  makeTransportKey,
  transportKey as opened,
  readTransported as read,
  type TransportKey,
} from '#src/lib/transport-rsa.ts'
import * as store from './server-secret-store.ts'

/**
 * The keys that clients may encrypt passwords with on their way here. They protect nothing from us; they keep passwords
 * out of the logs of what stands in between. Kept sealed, the same on every node, and renewed every year: a new one is
 * told to clients only when every node has had the time to learn it, and the old one is still read for some days.
 */
const NAME = 'password transport'
const LIFE = days(365)
const GRACE = days(30)
/** how long a node goes by what it read */
const KEPT = minutes(10)
const NOTICE = 6 * KEPT

interface Rsa extends TransportKey {
  /** 1 for the first one that was ever made */
  number: number
  created: number
}

interface Keys {
  /** the one that clients are told first, then the others that are read */
  rsa: readonly [Rsa, ...Rsa[]]
  until: number
}

const nameOf = (number: number): string => (number === 1 ? NAME : `${NAME} ${number}`)

/** The newest first. */
async function kept(ctx: Context): Promise<Rsa[]> {
  const rows = await store.serverSecrets(ctx, NAME)
  return rows
    .map(({ name, created, value }) => ({
      ...opened(ctx.secrets.sealer.open(value, seats.serverSecret(name)).toString()),
      number: Number(name.slice(NAME.length) || 1),
      created,
    }))
    .toSorted((a, b) => b.number - a.number)
}

/** Makes the next key unless another node was faster. */
async function make(ctx: Context, number: number): Promise<void> {
  const name = nameOf(number)
  const value = ctx.secrets.sealer.seal(await makeTransportKey(), seats.serverSecret(name))
  await store.offerServerSecret(ctx, { name, created: ctx.clock.now(), value })
}

async function load(ctx: Context): Promise<Keys> {
  const now = ctx.clock.now()
  const [newest, ...older] = await kept(ctx)
  if (!newest || newest.created + LIFE <= now) {
    await make(ctx, (newest?.number ?? 0) + 1)
    return load(ctx)
  }
  const [before] = older
  const isTold = !before || newest.created + NOTICE <= now
  if (before && newest.created + NOTICE + GRACE <= now) {
    for (const { number } of older) await store.dropServerSecret(ctx, nameOf(number))
    return { rsa: [newest], until: now + KEPT }
  }
  return { rsa: isTold ? [newest, ...older] : [before, newest, ...older.slice(1)], until: now + KEPT }
}

const memory = new WeakMap<Context['database'], Promise<Keys>>()

async function keysOf(ctx: Context): Promise<Keys> {
  const known = memory.get(ctx.database)
  if (known && (await known).until > ctx.clock.now()) return known
  const loading = load(ctx)
  memory.set(ctx.database, loading)
  loading.catch(() => memory.delete(ctx.database))
  return loading
}

/** The public half of the key that clients are to use, as SubjectPublicKeyInfo PEM. */
export const transportKey = async (ctx: Context): Promise<string> => (await keysOf(ctx)).rsa[0].publicPem

/** What a client encrypted. What cannot be read becomes a text that is nobody's password, at the same cost. */
export const readTransported = async (ctx: Context, text: string): Promise<string> =>
  read((await keysOf(ctx)).rsa, text)
