import { closeSync, openSync, readSync } from 'node:fs'

/** The head of the write-ahead log's index, as SQLite's file format has it: what it counts, and checksums of that. */
const HEAD = 48
const WORDS = HEAD / 4
// How often a change has to have shown in the head as it showed in SQLite's answer, before the head alone is asked.
const PROOFS = 3

/**
 * SQLite's `data_version` for a quarter of its price. SQLite makes that number of one thing: whether the head of the
 * write-ahead log's index is another one than it saw last. Every commit writes the head before it is over; so whoever
 * finds it as it was when SQLite was asked need not ask again.
 *
 * SQLite maps the index into its memory. Whether a file that is read shows that at once is the system's affair: it is
 * relied on once changes were seen that both told of, and never again where SQLite told of one that the file had not.
 * `commit` makes such changes, so that nobody has to wait for them; where it cannot, the next ones of others will do.
 */
export function walVersion(path: string, ask: () => number, commit: () => void): { version(): number; close(): void } {
  const found = new Uint32Array(WORDS)
  const known = new Uint32Array(WORDS)
  let isUsable = process.platform === 'linux'
  let file: number | undefined
  let version: number | undefined
  let proofs = 0

  const isOther = (): boolean => {
    if (readSync(file!, found, 0, HEAD, 0) !== HEAD) return true
    for (let at = 0; at < WORDS; at++) if (found[at] !== known[at]) return true
    return false
  }

  function look(before: number): number {
    const wasOther = isOther()
    if (!wasOther && proofs >= PROOFS) return before
    // Ahead of the question: what is committed in between shows in the head the next time.
    known.set(found)
    const now = ask()
    if (now === before || proofs >= PROOFS) return now
    if (wasOther || isOther()) proofs++
    else isUsable = false
    return now
  }

  function begin(): number {
    // Asking makes SQLite open the index.
    let now = ask()
    file = openSync(`${path}-shm`, 'r')
    now = look(now)
    for (let n = 0; n < PROOFS; n++) {
      try {
        commit()
      } catch {
        // Somebody else is writing, or the disk is full.
        break
      }
      now = look(now)
    }
    return now
  }

  return {
    version() {
      if (!isUsable) return ask()
      version = version === undefined ? begin() : look(version)
      return version
    },
    /** Only behind SQLite: closing any handle of a file takes away all locks that the process has on it. */
    close() {
      if (file !== undefined) closeSync(file)
    },
  }
}
