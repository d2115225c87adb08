import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { seats } from '#src/domain/seats.ts'
import { counted, gauge } from '#src/domain/throttles/throttles.ts'
import { armor } from '#src/lib/openpgp/armor.ts'
import { type DeletedRow, deletedAt, ownersOfDeletedAt } from './deleted-store.ts'
import { inOurWords } from './openpgp-reasons.ts'
import { openSealed, upToDate } from './sealed.ts'

type Address = Pick<Account, 'tenant' | 'email'>

/** Ids of the accounts whose keys the support desk deleted while this was their address. */
export const ownersOfDeleted = (ctx: Context, { tenant, email }: Address): Promise<string[]> =>
  ownersOfDeletedAt(ctx, tenant, email)

/** Deleted rings as armor. */
export interface DeletedRings {
  /** one block after the other, secret parts locked with the key password */
  armor: string
  /** fingerprints of those whose secret part only their password brings out */
  withheld: string[]
  /** of whom they were; several where the address had several owners */
  accounts: string[]
}

const ownersOf = (rows: readonly DeletedRow[]): string[] => [...new Set(rows.map(({ account_id }) => account_id))]

const publicArmor = ({ certificate }: DeletedRow): string => armor('PUBLIC KEY BLOCK', certificate)

/**
 * What is kept of a secret as OpenPGP locks it. The certificate follows: it may have learnt something since the copy
 * was made, and programs join the two.
 */
function lockedArmor(ctx: Context, row: DeletedRow): string | null {
  if (row.locked === null) return null
  return `${ctx.secrets.sealer.open(row.locked, seats.lockedRing(row.id)).toString()}\n${publicArmor(row)}`
}

/** The rings that a password opens, locked with it in OpenPGP's way; empty for none. */
async function openedWith(ctx: Context, rows: readonly DeletedRow[], password: string): Promise<Map<string, string>> {
  const opened = new Map<string, string>()
  for (const [salt, those] of Map.groupBy(rows, ({ unlock_salt }) => unlock_salt)) {
    const unlockKey = await ctx.workers.passwords.derive(password, salt)
    for (const row of those) {
      const open = openSealed(unlockKey, row.id, row.secret!)
      if (!open) continue
      // Whatever the certificate has learnt since, the secret learns now.
      const secret = await upToDate(ctx, { ring: { certificate: row.certificate, secret_behind: 1 }, secret: open })
      opened.set(row.id, await inOurWords(ctx.workers.openpgp.exportLocked({ secret, password })))
    }
  }
  return opened
}

interface Guess {
  rows: readonly DeletedRow[]
  password: string
  origin: Origin
}

/** Guesses are counted against each ring that they could open: 'key.delayed', 'key.password-wrong'. */
function countedOpening(ctx: Context, { rows, password, origin }: Guess): Promise<Map<string, string>> {
  const gaugeOf = ({ id, email }: DeletedRow) => gauge(ctx, 'key', id, ctx.config.failuresAllowed, email)
  const gauges = rows.map(gaugeOf)
  return counted(
    ctx,
    { gauges, reason: 'key.delayed' },
    {
      async judge() {
        const opened = await openedWith(ctx, rows, password)
        if (opened.size === 0) throw new Refusal('key.password-wrong')
        return opened
      },
      async onFailure(ctx) {
        for (const account of ownersOf(rows)) await record(ctx, { event: 'key.unlock-failed', account, origin })
      },
      proven: (opened) => rows.filter(({ id }) => opened.has(id)).map(gaugeOf),
    },
  )
}

/**
 * The rings of an address that the support desk deleted; null for none. With the key password, rings that it opens are
 * brought out with their secret part also where no copy was kept that OpenPGP locks. Refuses with 'key.delayed' and
 * 'key.password-wrong'.
 */
export async function deletedRings(
  ctx: Context,
  { tenant, email, password, origin }: Address & { password?: string | undefined; origin: Origin },
): Promise<DeletedRings | null> {
  const rows = await deletedAt(ctx, tenant, email)
  if (rows.length === 0) return null
  const sealed = rows.filter(({ secret }) => secret !== null)
  const isTried = password !== undefined && sealed.length > 0
  const opened = isTried ? await countedOpening(ctx, { rows: sealed, password, origin }) : null
  const withheld = sealed.filter(({ id, locked }) => locked === null && !opened?.has(id))
  return {
    armor: rows.map((row) => opened?.get(row.id) ?? lockedArmor(ctx, row) ?? publicArmor(row)).join('\n'),
    withheld: withheld.map(({ fingerprint }) => fingerprint),
    accounts: ownersOf(rows),
  }
}
