import { minutes, seconds } from '#src/lib/clock.ts'

/** Milliseconds until the next try, ever more of them. */
export const backoff = (attempts: number): number => Math.min(minutes(15), seconds(2) * 2 ** Math.min(attempts, 12))
