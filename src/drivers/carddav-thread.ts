import { parentPort, workerData } from 'node:worker_threads'
import { type CardDavRequest, type Cards, readAddressBooks } from './carddav.ts'

/** What the thread says, once. */
export type CardDavAnswer = { cards: Cards } | { failure: string }

if (!parentPort) throw new Error('runs only as a worker thread')

const answer: CardDavAnswer = await readAddressBooks(workerData as CardDavRequest).then(
  (cards) => ({ cards }),
  (error: Error) => ({ failure: error.message }),
)
parentPort.postMessage(answer)
