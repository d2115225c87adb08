import type { OpenPgpPool } from './pool.ts'
import type { KeyAlgorithm } from './types.ts'

export type ReadyKeysOptions = {
  pool: Pick<OpenPgpPool, 'prepare' | 'isIdle'>
  algorithm: KeyAlgorithm
  /** how many are kept */
  size: number
  /** epoch milliseconds */
  now(): number
  /** milliseconds between two looks whether the pool has nothing else to do; 250 unless told */
  pauseMs?: number
  log?: (event: string, facts: Record<string, unknown>) => void
}

/** Key material made ahead, because to find the primes of an RSA key may take seconds. */
export type ReadyKeys = {
  /** Material of one key, that nobody gets a second time; null when there is none yet. */
  take(): Uint8Array | null
  /** Forgets what is left and makes no more. */
  close(): void
}

/** Fills itself one key after another, each only when the pool has nothing else to do. Nothing of it is written down. */
export function readyKeys(options: ReadyKeysOptions): ReadyKeys {
  const { pool, algorithm, size, now, pauseMs = 250, log = () => {} } = options
  const ready: Uint8Array[] = []
  let isClosed = false
  let isFilling = false
  let pause: NodeJS.Timeout | undefined

  function fill(): void {
    if (isFilling || isClosed || ready.length >= size) return
    isFilling = true
    pause = setTimeout(look, pauseMs).unref()
  }

  async function look(): Promise<void> {
    if (pool.isIdle()) await makeOne()
    isFilling = false
    fill()
  }

  async function makeOne(): Promise<void> {
    try {
      const made = await pool.prepare({ algorithm, now: now() })
      if (isClosed) made.fill(0)
      else ready.push(made)
    } catch (error) {
      if (!isClosed) log('openpgp.not-prepared', { algorithm, error })
    }
  }

  function take(): Uint8Array | null {
    const taken = ready.shift() ?? null
    fill()
    return taken
  }

  function close(): void {
    isClosed = true
    clearTimeout(pause)
    for (const material of ready.splice(0)) material.fill(0)
  }

  fill()
  return { take, close }
}
