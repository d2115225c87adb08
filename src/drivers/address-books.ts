import { Worker } from 'node:worker_threads'
import { boundedQueue } from '#src/lib/queue.ts'
import type { CardDavRequest, Cards } from './carddav.ts'
import type { CardDavAnswer } from './carddav-thread.ts'

/** Address books that are kept elsewhere. */
export interface AddressBooks {
  /** All cards of the person behind an address of ours, as vCards with the names they have there. Throws when it cannot be asked. */
  cardsOf(address: string): Promise<{ uid: string; card: string }[]>
}

export interface CardDavOptions extends Partial<Omit<CardDavRequest, 'url'>>, Pick<CardDavRequest, 'url'> {
  /** milliseconds that what was read is remembered */
  rememberMs?: number
  now: () => number
}

interface Remembered {
  /** epoch milliseconds */
  until: number
  /** characters */
  size: number
  cards: Promise<Cards>
}

// What is remembered at the most: people, and characters of theirs together.
const PEOPLE_AT_MOST = 500
const CHARACTERS_AT_MOST = 64 * 1024 * 1024
// A server that is down is left alone for so long, so that nobody waits for it at every turn.
const PAUSE = 30_000
const AT_ONCE = 2
const WAITING_AT_MOST = 100
const GRACE = 2000

/** Reads in a thread of its own: megabytes of XML would hold everybody else up, or never come to an end. */
function readInThread(wanted: CardDavRequest): Promise<Cards> {
  const thread = new Worker(new URL('./carddav-thread.ts', import.meta.url), {
    workerData: wanted,
    resourceLimits: { maxOldGenerationSizeMb: 256 },
  })
  thread.unref()
  const { promise, resolve, reject } = Promise.withResolvers<Cards>()
  const timer = setTimeout(() => reject(new Error('the CardDAV server is too slow')), wanted.timeoutMs + GRACE)
  thread.on('message', (answer: CardDavAnswer) =>
    'cards' in answer ? resolve(answer.cards) : reject(new Error(answer.failure)),
  )
  thread.on('error', (error) => reject(error))
  thread.on('exit', () => reject(new Error('the CardDAV thread ended')))
  return promise.finally(() => {
    clearTimeout(timer)
    void thread.terminate()
  })
}

/**
 * The address books of one CardDAV server, read only; `user` and `password` may read them all. What was read is
 * remembered for some minutes: five seconds and 5 MiB are what reading may take, unless told.
 */
export function cardDav({
  url,
  user,
  password = '',
  timeoutMs = 5000,
  sizeLimit = 5 * 1024 * 1024,
  rememberMs = 5 * 60_000,
  now,
}: CardDavOptions): AddressBooks {
  const remembered = new Map<string, Remembered>()
  const queue = boundedQueue(AT_ONCE, WAITING_AT_MOST)

  function forget(): void {
    for (const [address, { until }] of remembered) if (until <= now()) remembered.delete(address)
    let characters = [...remembered.values()].reduce((sum, { size }) => sum + size, 0)
    for (const [address, { size }] of remembered) {
      if (remembered.size <= PEOPLE_AT_MOST && characters <= CHARACTERS_AT_MOST) break
      remembered.delete(address)
      characters -= size
    }
  }

  return {
    async cardsOf(address) {
      forget()
      const known = remembered.get(address)
      if (known) return known.cards
      const entry: Remembered = {
        until: now() + rememberMs,
        size: 0,
        cards: queue
          .run(() => readInThread({ url, user, password, address, timeoutMs, sizeLimit }))
          .catch((error: unknown) => {
            entry.until = now() + PAUSE
            throw error
          }),
      }
      remembered.set(address, entry)
      const cards = await entry.cards
      entry.size = cards.reduce((sum, { card }) => sum + card.length, 0)
      return cards
    },
  }
}
