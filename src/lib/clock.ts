/** The time, in epoch milliseconds. The real one here; tests bring one they can turn. */
export interface Clock {
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }

export const seconds = (n: number): number => n * 1000
export const minutes = (n: number): number => n * 60_000
export const hours = (n: number): number => n * 3_600_000
export const days = (n: number): number => n * 86_400_000

/** Epoch seconds, rounded down: the unit of two of the three wire protocols. */
export const toEpochSeconds = (ms: number): number => Math.floor(ms / 1000)

/** A moment as programs read it; null for never. */
export const isoTime = (ms: number | null): string | null => (ms ? new Date(ms).toISOString() : null)
