import type { Config } from './config.ts'
import type { Database, Query } from './db/open.ts'
import type { Texter } from './drivers/sms.ts'
import type { Mailer } from './drivers/smtp.ts'
import type { Chance } from './lib/chance.ts'
import type { Clock } from './lib/clock.ts'
import type { Log } from './lib/log.ts'
import type { OpenPgpPool } from './lib/openpgp/pool.ts'
import type { Passwords } from './lib/passwords.ts'
import type { Sealer } from './lib/sealing.ts'

/** What the key file gives: sealing at rest, and a key for digests of short secrets. */
export interface Secrets {
  sealer: Sealer
  /** 32 bytes; HMAC key of codes and addresses */
  pepper: Buffer
  /** what sibling services prove themselves with */
  internalKey: string
}

/** What computes hard, each with a bounded queue. */
export interface Workers {
  passwords: Passwords
  openpgp: OpenPgpPool
}

/** What the house has to work with. `db` is the transaction inside `atomically`. */
export interface Context {
  readonly config: Config
  readonly secrets: Secrets
  readonly database: Database
  readonly db: Query
  readonly clock: Clock & { chance: Chance }
  readonly log: Log
  readonly carriers: { mailer: Mailer | null; texter: Texter | null; wake(): void }
  readonly workers: Workers
}

/**
 * Runs `verbs` in one transaction; inside another one it simply joins. The callback's context must shadow the outer
 * one: on SQLite the outer handle waits for the transaction that it is in. Messages are looked for after the commit.
 */
export async function atomically<T>(ctx: Context, verbs: (ctx: Context) => Promise<T>): Promise<T> {
  if (ctx.db.isTransaction) return verbs(ctx)
  let hasMessages = false
  const wake = () => {
    hasMessages = true
  }
  const result = await ctx.db.transaction().execute((db) => verbs({ ...ctx, db, carriers: { ...ctx.carriers, wake } }))
  if (hasMessages) ctx.carriers.wake()
  return result
}
