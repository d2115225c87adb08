import type { Config } from './config.ts'
import type { Database, Query } from './db/open.ts'
import type { AddressBooks } from './drivers/address-books.ts'
import type { BreachList } from './drivers/breached.ts'
import type { Carrier } from './drivers/carrier.ts'
import type { KeyFinder } from './drivers/key-finder.ts'
import type { Outcome } from './drivers/outcome.ts'
import type { Texter } from './drivers/sms.ts'
import type { Mailer } from './drivers/smtp.ts'
import type { Chance } from './lib/chance.ts'
import type { Clock } from './lib/clock.ts'
import type { Log } from './lib/log.ts'
import type { Measures } from './lib/measures.ts'
import type { OpenPgpPool } from './lib/openpgp/pool.ts'
import type { ReadyKeys } from './lib/openpgp/ready-keys.ts'
import type { Passwords } from './lib/passwords.ts'
import type { Resources } from './lib/resources.ts'
import type { Sealer } from './lib/sealing.ts'
import type { Tracing } from './lib/tracing.ts'
import { timed, type Watch } from './lib/watch.ts'

/** What the key file gives: sealing at rest, and a key for digests of short secrets. */
export interface Secrets {
  sealer: Sealer
  /** 32 bytes; HMAC key of codes and addresses */
  pepper: Buffer
  /** what sibling services prove themselves with */
  internalKey: string
  /**
   * Reads the key file again when it was changed; true when other keys are in force now. Throws when it cannot be used:
   * the keys stay as they were.
   */
  renew(): boolean
}

/** What computes hard, each with a bounded queue. */
export interface Workers {
  passwords: Passwords
  openpgp: OpenPgpPool
  /** RSA keys made ahead; null where new keys are of another algorithm */
  readyKeys: ReadyKeys | null
}

/** Whoever carries something out of the house or into it. */
export interface Carriers {
  mailer: Mailer | null
  texter: Texter | null
  /** where breached passwords are looked up; none where the operator named none */
  breaches: readonly BreachList[]
  /** where keys of strangers are looked for, by the names of the setting `keySources` */
  finders: ReadonlyMap<string, KeyFinder>
  /** address books elsewhere; null where the operator named none */
  addressBooks: AddressBooks | null
  /** Calls a kind of sibling service: `line` is a method and a path. Null while nothing listens. */
  siblings: { call(type: string, line: string): Promise<Outcome> } | null
  /** the process that hands whole messages to the next hop; null where the operator named none */
  carrier: Carrier | null
  /** Has messages and deliveries carried now rather than at their next turn. */
  wake(): void
  /** Reads the certificate of the listeners again; one that cannot be used is logged, and the old one stays. */
  renew(): Promise<void>
}

/** What can be read again while the server runs. */
export type Renewable = 'certificate' | 'templates'

/** What the running server knows of itself, be it one process or several. */
export interface HouseFacts {
  /** this run of this process, among all that work on the database */
  readonly process: { id: string; host: string; pid: number; worker: number }
  /** when it started, epoch milliseconds */
  started: number
  /** how this process fared lately */
  readonly measures: Measures
  /** where what takes time tells of itself; null where nobody listens */
  readonly watch: Watch | null
  readonly tracing: Tracing
  /** the certificate that the listeners show, as PEM; null without TLS */
  certificate: () => string | null
  /** A setting in force by its environment name, as text; null for one that is hidden or does not exist. */
  setting(env: string): string | null
  /** Reads a text as the setting of a name (`twoStep`) is read; null for one that it does not take. */
  readSetting(name: string, text: string): { value: unknown } | null
  /** Counts a call of a place by whoever `key` stands for: may it come, with `most` in a second? */
  mayCall(place: string, key: string, most: number): boolean | Promise<boolean>
  /** Has parts read again, by all its processes. */
  reload(parts: readonly Renewable[]): Promise<void>
  /** What it takes of the machine, all its processes together. */
  resources(): Promise<Resources>
}

/** What the house has to work with. `db` is the transaction inside `atomically`. */
export interface Context {
  readonly config: Config
  readonly secrets: Secrets
  readonly database: Database
  readonly db: Query
  readonly clock: Clock & { chance: Chance }
  readonly log: Log
  readonly carriers: Carriers
  readonly workers: Workers
  readonly house: HouseFacts
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
  const { tell } = ctx.database
  const run = () => ctx.db.transaction().execute((db) => verbs({ ...ctx, db, carriers: { ...ctx.carriers, wake } }))
  const result = await (tell ? timed(tell, { of: 'database', name: 'transaction' }, run) : run())
  if (hasMessages) ctx.carriers.wake()
  return result
}
