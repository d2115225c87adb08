import type { Context } from '#src/context.ts'
import { type ChangeFeed, changeFeed } from '#src/domain/sessions/sessions.ts'

/** What a question is asked with: a session's token, a person's API key, or the key of a sibling service. */
export type By = 'token' | 'key' | 'service'

export interface Question {
  by: By
  /** the header that proves who asks */
  proof: string
  url: string
}

/**
 * Whose a token or an API key is, every sibling service asks on every request. An answer that was worked out once is
 * kept as it is sent until the account it is about, or the account that asks, changes in any way, an API key of theirs
 * being removed included: the database tells of that, by whichever process it was. While it tells nothing, what is kept
 * is not used.
 */
interface Answer {
  /** its bytes, one character for each: a string is sent in one piece with the head, bytes are not */
  text: string
  /** epoch milliseconds from which something in it has to be judged or written again */
  until: number
  accounts: readonly string[]
}

interface Kept extends Answer {
  question: Question
}

type Database = Context['database']

// About fifty thousand answers of the usual length, with what it costs to find them.
const KEPT_AT_MOST = 96 * 1024 * 1024
const OVERHEAD = 512
// A record with many notes is not what is asked for ten thousand times a second; its bytes are not worth keeping.
const BYTES_AT_MOST = 8192

const sizeOf = ({ question, text }: Kept): number =>
  question.proof.length + question.url.length + text.length + OVERHEAD

class HotAnswers {
  // By proof and then by address, both as they came: making one key of them would cost more than looking twice.
  readonly #answers: Record<By, Map<string, Map<string, Kept>>> = {
    token: new Map(),
    key: new Map(),
    service: new Map(),
  }
  readonly #byAccount = new Map<string, Set<Kept>>()
  /** the oldest first */
  readonly #all = new Set<Kept>()
  #size = 0
  readonly feed: ChangeFeed
  /** Questions answered of what is kept, and not. */
  readonly counts = { hits: 0, misses: 0 }

  constructor(ctx: Context) {
    this.feed = changeFeed(ctx, (account) => this.#forgetAccount(account))
  }

  find(by: By, proof: string, url: string, now: number): string | null {
    const isKnown = this.feed.position() !== null
    const kept = isKnown ? this.#answers[by].get(proof)?.get(url) : undefined
    const text = kept && kept.until > now ? kept.text : null
    if (text) this.counts.hits++
    else this.counts.misses++
    return text
  }

  /** How much is kept, and whether it may be used at this moment. */
  load(): { entries: number; bytes: number; mayAnswer: boolean } {
    return { entries: this.#all.size, bytes: this.#size, mayAnswer: this.feed.position() !== null }
  }

  keep(question: Question, answer: Answer): void {
    const { by, proof, url } = question
    const before = this.#answers[by].get(proof)?.get(url)
    if (before) this.#forget(before)
    if (answer.text.length > BYTES_AT_MOST) return
    const kept: Kept = { ...answer, question }
    const ofProof = this.#answers[by].get(proof) ?? new Map()
    this.#answers[by].set(proof, ofProof.set(url, kept))
    this.#all.add(kept)
    this.#size += sizeOf(kept)
    for (const account of kept.accounts) {
      const some = this.#byAccount.get(account) ?? new Set()
      this.#byAccount.set(account, some.add(kept))
    }
    while (this.#size > KEPT_AT_MOST) this.#forget(this.#all.values().next().value!)
  }

  #forgetAccount(account: string | null): void {
    if (account === null) {
      for (const some of Object.values(this.#answers)) some.clear()
      this.#byAccount.clear()
      this.#all.clear()
      this.#size = 0
    } else for (const kept of this.#byAccount.get(account) ?? []) this.#forget(kept)
  }

  #forget(kept: Kept): void {
    const { by, proof, url } = kept.question
    const ofProof = this.#answers[by].get(proof)
    ofProof?.delete(url)
    if (ofProof?.size === 0) this.#answers[by].delete(proof)
    this.#all.delete(kept)
    this.#size -= sizeOf(kept)
    for (const account of kept.accounts) {
      const some = this.#byAccount.get(account)
      some?.delete(kept)
      if (some?.size === 0) this.#byAccount.delete(account)
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
