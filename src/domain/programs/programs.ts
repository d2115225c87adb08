import { atomically, type Context } from '#src/context.ts'
import { type Account, holdToProtect } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { policyOf } from '#src/domain/policy/policy.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { base32, typedBase32, uuid } from '#src/lib/chance.ts'
import { days, minutes } from '#src/lib/clock.ts'
import { hmac } from '#src/lib/digests.ts'
import * as store from './store.ts'

/** What an app password may be good for: a mail server's protocols, and Basic sign-ins to the mailbox protocol. */
export const programScopes = ['imap', 'pop3', 'smtp', 'sieve', 'caldav', 'carddav', 'api'] as const

export type ProgramScope = (typeof programScopes)[number]

/** An app password as it may be shown; the password itself is shown once, when it is made. */
export interface AppPassword {
  id: string
  name: string
  scopes: ProgramScope[]
  created: number
  /** null for never */
  lastUsed: number | null
  lastProtocol: string
  lastNetwork: string
}

// 80 random bits: more than anybody guesses over the network, and still to be typed.
const LENGTH = 16
const MOST = 50

// How often a use is written: once a minute is exact enough, and a write per request would not be.
const NOTED_EVERY = minutes(1)
// A program that stays where it is is written into the record once a day.
const RECORDED_EVERY = days(1)

const written = (secret: string): string => (secret.match(/.{4}/g) ?? []).join('-')

/** Keyed and bound to its account: a copy of the database, tried against all accounts at once, gains nothing. */
const digestOf = (ctx: Context, accountId: string, secret: string): string =>
  hmac(ctx.secrets.pepper, `app-password ${accountId} ${secret}`)

const shown = (row: store.AppPasswordRow): AppPassword => ({
  id: row.id,
  name: row.name,
  scopes: row.scopes.split(' ') as ProgramScope[],
  created: row.created,
  lastUsed: row.last_used,
  lastProtocol: row.last_protocol,
  lastNetwork: row.last_network,
})

/** The app passwords of an account, oldest first. */
export const listAppPasswords = async (ctx: Context, account: Account): Promise<AppPassword[]> =>
  (await store.appPasswordsOf(ctx, account.id)).map(shown)

/**
 * Makes a password for one program. It is shown this once. Refuses with 'app-password.off', 'app-password.limit', and
 * 'session.invalid' when its owner was signed out meanwhile.
 */
export async function makeAppPassword(
  ctx: Context,
  {
    account,
    name,
    scopes,
    origin,
  }: { account: Account; name: string; scopes: readonly ProgramScope[]; origin: Origin },
): Promise<{ id: string; password: string }> {
  const secret = base32(ctx.clock.chance, LENGTH)
  const row: store.AppPasswordRow = {
    id: uuid(ctx.clock.chance),
    account_id: account.id,
    name,
    digest: digestOf(ctx, account.id, secret),
    scopes: programScopes.filter((scope) => scopes.includes(scope)).join(' '),
    created: ctx.clock.now(),
    last_used: null,
    last_protocol: '',
    last_network: '',
  }
  await atomically(ctx, async (ctx) => {
    await holdToProtect(ctx, account)
    if (!(await policyOf(ctx, account)).appPasswords) throw new Refusal('app-password.off')
    if ((await store.appPasswordsOf(ctx, account.id)).length >= MOST) throw new Refusal('app-password.limit')
    await store.insertAppPassword(ctx, row)
    const detail = { name, scopes: row.scopes }
    await record(ctx, { event: 'app-password.made', account: account.id, origin, detail })
    await tell(ctx, account, 'app-password.made', { name })
  })
  return { id: row.id, password: written(secret) }
}

/** Calls an app password something else: 'app-password.unknown'. */
export async function renameAppPassword(
  ctx: Context,
  { account, id, name }: { account: Account; id: string; name: string },
): Promise<void> {
  if (!(await store.renameAppPassword(ctx, { id, accountId: account.id }, name)))
    throw new Refusal('app-password.unknown')
}

/** Removes an app password; it opens nothing from then on. 'app-password.unknown'. */
export async function removeAppPassword(
  ctx: Context,
  { account, id, origin }: { account: Account; id: string; origin: Origin },
): Promise<void> {
  await atomically(ctx, async (ctx) => {
    const gone = await store.deleteAppPassword(ctx, { id, accountId: account.id })
    if (!gone) throw new Refusal('app-password.unknown')
    const { name } = gone
    await record(ctx, { event: 'app-password.removed', account: account.id, origin, detail: { name } })
    await tell(ctx, account, 'app-password.removed', { name })
  })
}

/**
 * Removes all of them. Whoever gets an account back must not share it with programs that a thief has set up: so when
 * its password was recovered, or somebody else set it, or all its second factors are taken from it.
 */
export async function removeEveryAppPassword(
  ctx: Context,
  { account, actor, origin }: { account: Account; actor?: string; origin: Origin },
): Promise<void> {
  await atomically(ctx, async (ctx) => {
    const { length: count } = await store.deleteAppPasswordsOf(ctx, account.id)
    if (count === 0) return
    await record(ctx, { event: 'app-password.removed', account: account.id, actor, origin, detail: { count } })
    await tell(ctx, account, 'app-passwords.removed')
  })
}

/**
 * The app password of an account that a program brings; undefined when it is none, or none is taken. For nobody's
 * account it asks the same of the database.
 */
export async function findAppPassword(
  ctx: Context,
  account: Account | undefined,
  given: string,
): Promise<AppPassword | undefined> {
  const secret = typedBase32(given)
  if (secret.length !== LENGTH) return undefined
  const id = account?.id ?? ''
  const row = await store.appPasswordByDigest(ctx, id, digestOf(ctx, id, secret))
  if (!row || !account || !(await policyOf(ctx, account)).appPasswords) return undefined
  return shown(row)
}

/** Writes down that an app password was used, and from where. True when that is news for the record. */
export async function noteAppPassword(
  ctx: Context,
  used: AppPassword,
  { protocol, network }: Origin,
): Promise<boolean> {
  const now = ctx.clock.now()
  if (used.lastUsed !== null && used.lastUsed > now - NOTED_EVERY) return false
  const use = { at: now, protocol, network }
  if (!(await store.noteUse(ctx, { id: used.id, before: now - NOTED_EVERY, use }))) return false
  return used.lastUsed === null || used.lastUsed <= now - RECORDED_EVERY || used.lastNetwork !== network
}
