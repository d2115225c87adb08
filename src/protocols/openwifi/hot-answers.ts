import type { Context } from '#src/context.ts'
import { type ChangeFeed, changeFeed } from '#src/domain/sessions/sessions.ts'

/**
 * Whose a token or an API key is, every sibling service asks on every request. An answer that was worked out once is
 * kept as bytes until the account it is about, or the account that asks, changes in any way, an API key of theirs being
 * removed included: the database tells of that, by whichever process it was. While it tells nothing, what is kept is not
 * used.
 */
interface Kept {
  bytes: Buffer
  /** epoch milliseconds from which something in it has to be judged or written again */
  until: number
  accounts: readonly string[]
}

type Database = Context['database']

// About fifty thousand answers of the usual length, with what it costs to find them.
const KEPT_AT_MOST = 96 * 1024 * 1024
const OVERHEAD = 512
// A record with many notes is not what is asked for ten thousand times a second; its bytes are not worth keeping.
const BYTES_AT_MOST = 8192

const sizeOf = (question: string, { bytes }: Kept): number => question.length + bytes.length + OVERHEAD

class HotAnswers {
  readonly #answers = new Map<string, Kept>()
  readonly #byAccount = new Map<string, Set<string>>()
  #size = 0
  #isKnown = false
  readonly feed: ChangeFeed
  /** Questions answered of what is kept, and not; how often the feed went silent. */
  readonly counts = { hits: 0, misses: 0, lapses: 0 }

  constructor(ctx: Context) {
    this.feed = changeFeed(ctx, (account) => this.#forgetAccount(account))
  }

  find(key: string, now: number): Buffer | null {
    const isKnown = this.feed.position() !== null
    if (this.#isKnown && !isKnown) this.counts.lapses++
    this.#isKnown = isKnown
    const kept = isKnown ? this.#answers.get(key) : undefined
    const bytes = kept && kept.until > now ? kept.bytes : null
    if (bytes) this.counts.hits++
    else this.counts.misses++
    return bytes
  }

  /** How much is kept, and whether it may be used at this moment. */
  load(): { entries: number; bytes: number; mayAnswer: boolean } {
    return { entries: this.#answers.size, bytes: this.#size, mayAnswer: this.feed.position() !== null }
  }

  keep(key: string, kept: Kept): void {
    this.#forget(key)
    if (kept.bytes.length > BYTES_AT_MOST) return
    this.#answers.set(key, kept)
    this.#size += sizeOf(key, kept)
    for (const account of kept.accounts) {
      const keys = this.#byAccount.get(account) ?? new Set()
      this.#byAccount.set(account, keys.add(key))
    }
    while (this.#size > KEPT_AT_MOST) this.#forget(this.#answers.keys().next().value!)
  }

  #forgetAccount(account: string | null): void {
    if (account === null) {
      this.#answers.clear()
      this.#byAccount.clear()
      this.#size = 0
    } else for (const key of this.#byAccount.get(account) ?? []) this.#forget(key)
  }

  #forget(key: string): void {
    const kept = this.#answers.get(key)
    if (!kept) return
    this.#answers.delete(key)
    this.#size -= sizeOf(key, kept)
    for (const account of kept.accounts) {
      const keys = this.#byAccount.get(account)
      keys?.delete(key)
      if (keys?.size === 0) this.#byAccount.delete(account)
    }
  }
}

const houses = new WeakMap<Database, HotAnswers>()

/** The answers of a house: one set, whoever asks for it. */
export function answersOf(ctx: Context): HotAnswers {
  let answers = houses.get(ctx.database)
  if (!answers) {
    answers = new HotAnswers(ctx)
    houses.set(ctx.database, answers)
  }
  return answers
}
