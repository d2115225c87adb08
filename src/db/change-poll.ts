import type { Client, ClientConfig } from 'pg'

/** Is told whose account changed; null: too much to tell, or it is not known. */
export type Told = (accounts: readonly string[] | null) => void

/** Whoever keeps answers asks before he gives one. */
export interface ChangeWatch {
  /** Has everybody been told of all that was committed up to a second ago? Else nothing kept may be used. */
  isCurrent(): boolean
}

const EVERY = 250
// A node whose last look began longer ago than this knows nothing: no revocation is believed in for longer.
const LEASE = 1000
const ANSWERED_WITHIN = 2000
// A flood of notifications is answered by so many looks and no more.
const PAUSE = 20
const ASLEEP_AFTER = 5 * 60_000
// Beyond this many changes at once it is cheaper to forget everything.
const AT_ONCE = 1000
// By the server's clock. Changes that were seen by everybody are swept after twice as long, at the least.
const LONGEST_GAP = 30

// A table, function or type that does not exist.
const UNKNOWN = /^42(P01|883|704)$/

const CHANNEL = 'chatelaine_change'

/** What one look saw: which transactions were over then, and the server that said so. */
interface Seen {
  /** transactions from here on were not over, nor those in `running` */
  next: string
  running: string[]
  server: string
  /** seconds of its clock */
  at: number
}

// What was not visible to the look before and is to this one, whatever order it was committed in. Transactions that are
// yet to come are rows of another life of this database, before it was restored.
const LOOK = `select pg_current_snapshot()::text as snapshot, pg_postmaster_start_time()::text as server,
  extract(epoch from clock_timestamp())::float8 as at,
  array(select account_id from account_change
    where (xid >= $1::text::xid8 or xid = any($2::text[]::xid8[])) and xid < pg_snapshot_xmax(pg_current_snapshot())
    limit ${AT_ONCE + 1}) as accounts`
const NOTHING = ['18446744073709551615', []]

function seenIn({ snapshot, server, at }: { snapshot: string; server: string; at: number }): Seen {
  const [, next = '', running = ''] = snapshot.split(':')
  return { next, running: running === '' ? [] : running.split(','), server, at }
}

/**
 * Looks for committed changes of accounts four times a second, on a connection of its own, while anybody asks whether
 * he knows of all; earlier when the server notifies of a revocation. Nothing hangs on that: behind a pooler it listens
 * to nothing. A look that fails makes everybody forget everything.
 */
export function changePoll(connect: (options: ClientConfig) => Client, { listens }: { listens: boolean }) {
  const audience: Told[] = []
  let client: Client | null = null
  let seen: Seen | null = null
  /** when the last look that was answered began; the process's own clock, which nobody sets */
  let begun = Number.NEGATIVE_INFINITY
  let lastLook = 0
  let lastAsked = 0
  let isAwake = false
  let isClosed = false
  let isWoken = false
  let running: Promise<void> | null = null
  let next: Promise<void> | null = null
  let timer: NodeJS.Timeout | undefined

  const tell: Told = (accounts) => {
    for (const told of audience) told(accounts)
  }

  function forgetAll(): void {
    begun = Number.NEGATIVE_INFINITY
    seen = null
    const old = client
    client = null
    if (old) void old.end().catch(() => {})
    tell(null)
  }

  async function opened(): Promise<Client> {
    const made = connect({ connectionTimeoutMillis: ANSWERED_WITHIN, query_timeout: ANSWERED_WITHIN })
    const over = () => {
      if (client === made) forgetAll()
    }
    made.on('error', over)
    made.on('end', over)
    made.on('notification', () => {
      // Whatever is under way may have begun too early for it.
      if (running) isWoken = true
      else comeBack(PAUSE)
    })
    try {
      await made.connect()
      // A server that has no such thing is looked at all the same.
      if (listens) await made.query(`listen ${CHANNEL}`).catch(() => {})
    } catch (error) {
      void made.end().catch(() => {})
      throw error
    }
    return made
  }

  async function look(): Promise<void> {
    client ??= await opened()
    const line = client
    const from = performance.now()
    const values = seen ? [seen.next, seen.running] : NOTHING
    const { rows } = await line.query({ text: LOOK, values, ...(listens ? { name: 'chatelaine_look' } : {}) })
    if (client !== line) throw new Error('the connection broke meanwhile')
    const [{ accounts, ...answer }] = rows
    const now = seenIn(answer)
    const isContinued =
      seen !== null && now.server === seen.server && now.at >= seen.at && now.at - seen.at < LONGEST_GAP
    if (!isContinued || accounts.length > AT_ONCE) tell(null)
    else if (accounts.length > 0) tell(accounts)
    seen = now
    begun = from
  }

  function comeBack(after: number): void {
    if (isClosed || !isAwake) return
    clearTimeout(timer)
    timer = setTimeout(turn, Math.max(0, lastLook + after - performance.now())).unref()
  }

  function turn(): void {
    if (performance.now() - lastAsked > ASLEEP_AFTER) {
      isAwake = false
      forgetAll()
    } else void looked()
  }

  function start(): Promise<void> {
    lastLook = performance.now()
    running = look()
      .catch((error: { code?: string }) => {
        // There is nothing to look at: the migration has found a database that cannot have it.
        if (UNKNOWN.test(error.code ?? '')) isClosed = true
        forgetAll()
      })
      .then(() => {
        running = null
        comeBack(isWoken ? PAUSE : EVERY)
        isWoken = false
      })
    return running
  }

  /** Resolves once a look that began after this call is over, well or not; at once while nobody keeps anything. */
  function looked(): Promise<void> {
    if (!isAwake || isClosed) return Promise.resolve()
    if (!running) return start()
    next ??= running.then(() => {
      next = null
      return isAwake && !isClosed ? start() : undefined
    })
    return next
  }

  return {
    looked,
    tell(told: Told): ChangeWatch {
      audience.push(told)
      return {
        isCurrent() {
          lastAsked = performance.now()
          if (!isAwake && !isClosed) {
            isAwake = true
            void looked()
          }
          return lastAsked - begun < LEASE
        },
      }
    },
    async close(): Promise<void> {
      isClosed = true
      clearTimeout(timer)
      forgetAll()
      await running
    },
  }
}
