// A wait of more than a minute is a guess: things will have changed by then.
const LONGEST = 60
// How much of the mean the newest one makes up.
const SHARE = 1 / 8

/** How long things take that happen again and again, the last ones above all; tells how long a line of them lasts. */
export function pace() {
  let mean = 0
  return {
    note(milliseconds: number): void {
      mean = mean === 0 ? milliseconds : mean + (milliseconds - mean) * SHARE
    },
    /** Seconds until `waiting` of them are through, `width` at once: from 1 to 60. */
    secondsFor(waiting: number, width: number): number {
      return Math.min(LONGEST, Math.max(1, Math.ceil((waiting * mean) / Math.max(1, width) / 1000)))
    },
  }
}
