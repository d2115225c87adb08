import { Refusal } from './refusals.ts'

// A mail server that is down for a while is down for a while: seconds.
const RETRY_AFTER = 60

/** What is said to whoever would add to what waits to be sent, when that is at its bound. */
export const outboxFull = (): Refusal => new Refusal('server.busy', { retryAfter: RETRY_AFTER })
