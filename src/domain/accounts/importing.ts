import { atomically, type Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { policyOf } from '#src/domain/policy/policy.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { uuid } from '#src/lib/chance.ts'
import { toEpochSeconds } from '#src/lib/clock.ts'
import type { PictureKind } from '#src/lib/image-kind.ts'
import { judged } from './avatars.ts'
import { type FastHash, wrapped } from './imported-passwords.ts'
import { keepNote } from './notes.ts'
import type { Account } from './passwords.ts'
import type { Preferences } from './preferences.ts'
import type { Population, Role } from './roles.ts'
import * as store from './store.ts'

/** An account of another house, with its id and its history; times in epoch milliseconds, 0 for never. */
export interface ImportedAccount {
  id: string
  population: Population
  email: string
  role: Role
  name: string
  description: string
  location: string
  locale: string
  owner: string
  signingUp: string
  mustChangePassword: boolean
  suspended: boolean
  blackListed: boolean
  confirmed: boolean
  confirmedAt: number
  awaitsConfirmation: boolean
  created: number
  modified: number
  lastSignIn: number
  lastPasswordChange: number
  notes: readonly { created: number; author: string; note: string }[]
}

export interface ImportedPicture {
  kind: PictureKind
  bytes: Uint8Array
  created: number
}

/** What is made ready before the transaction, and kept in it with the account. */
export interface ImportedBelongings {
  /** by `wrapPassword` */
  password: string | null
  /** judged by `pictureKind` */
  picture: ImportedPicture | null
  preferences: Preferences | null
}

/** The form in which the fast hash of another house may be kept here: slow to guess at. */
export const wrapPassword = (ctx: Context, fast: FastHash): Promise<string> => wrapped(ctx, fast)

/** The kind of a picture that may be kept; 'picture.unusable' for everything else. */
export const pictureKind = (ctx: Context, bytes: Uint8Array): PictureKind => judged(ctx, bytes)

const rowOf = (ctx: Context, wanted: ImportedAccount, { password, picture }: ImportedBelongings): Account => ({
  id: wanted.id,
  tenant: 1,
  email: wanted.email,
  name: wanted.name || wanted.email,
  description: wanted.description,
  location: wanted.location,
  locale: wanted.locale,
  role: wanted.role,
  owner: wanted.owner,
  avatar: picture ? String(toEpochSeconds(picture.created)) : '',
  password,
  must_change_password: Number(wanted.mustChangePassword),
  suspended: Number(wanted.suspended),
  black_listed: Number(wanted.blackListed),
  confirmed: Number(wanted.confirmed),
  confirmed_at: wanted.confirmedAt,
  awaiting_confirmation: Number(wanted.awaitsConfirmation),
  created: wanted.created || ctx.clock.now(),
  modified: wanted.modified || wanted.created || ctx.clock.now(),
  last_sign_in: wanted.lastSignIn,
  last_password_change: wanted.lastPasswordChange,
  two_step: 0,
  preferred_factor: null,
  recovery_salt: null,
  unlock_salt: ctx.workers.passwords.saltOf(ctx.clock.chance.bytes(16)),
  generation: 0,
  population: wanted.population,
  signing_up: wanted.signingUp,
  grace_began: 0,
})

async function keepBelongings(
  ctx: Context,
  { account, notes, belongings }: { account: Account; notes: ImportedAccount['notes']; belongings: ImportedBelongings },
): Promise<void> {
  const { password, picture, preferences } = belongings
  const changed = account.last_password_change || account.created
  if (password)
    await store.rememberPassword(
      ctx,
      { id: uuid(ctx.clock.chance), account_id: account.id, password, created: changed },
      (await policyOf(ctx, account)).passwordHistory,
    )
  for (const [place, { created, author, note }] of notes.entries())
    await keepNote(ctx, {
      id: uuid(ctx.clock.chance),
      account_id: account.id,
      // Written in the same second they keep their order.
      created: created + place,
      created_by: author,
      note,
    })
  if (picture)
    await store.putAvatar(ctx, {
      account_id: account.id,
      type: picture.kind,
      bytes: picture.bytes,
      created: picture.created,
    })
  if (preferences)
    await store.putPreferences(ctx, {
      account_id: account.id,
      data: JSON.stringify(preferences.data),
      modified: preferences.modified,
    })
}

/**
 * Takes over an account as it is, under its own id; nobody is told. An account that is here already, by id or by
 * address, is not touched: 'account.exists'.
 */
export async function importAccount(
  ctx: Context,
  { wanted, belongings, origin }: { wanted: ImportedAccount; belongings: ImportedBelongings; origin: Origin },
): Promise<Account> {
  return atomically(ctx, async (ctx) => {
    if (await store.accountById(ctx, wanted.id)) throw new Refusal('account.exists')
    const account = rowOf(ctx, wanted, belongings)
    if (!(await store.insertAccount(ctx, account))) throw new Refusal('account.exists')
    await keepBelongings(ctx, { account, notes: wanted.notes, belongings })
    const detail = { role: account.role, population: account.population }
    await record(ctx, { event: 'account.imported', account: account.id, origin, detail })
    return account
  })
}
