import { useSyncExternalStore } from 'react'
import { queries, type Session, sessionQuery } from '../../api/session.ts'

const KEPT_FOR = 10 * 60_000

interface Held {
  sessid: string
  password: string
  /** epoch milliseconds */
  until: number
}

// In the memory of this page only, for the session it was entered in, and no longer than it says there.
let held: Held | null = null
let stop = () => {}
const listeners = new Set<() => void>()

function hold(next: Held | null): void {
  stop()
  stop = () => {}
  held = next
  for (const listener of listeners) listener()
}

export const forgetKey = (): void => hold(null)

const sessionNow = (): Session | null | undefined => queries.getQueryData(sessionQuery.queryKey)

/** Keeps a key password for some minutes, and forgets it when somebody signs out. */
export function keepKey(password: string): void {
  const sessid = sessionNow()?.sessid
  if (sessid === undefined) return
  hold({ sessid, password, until: Date.now() + KEPT_FOR })
  const timer = setTimeout(forgetKey, KEPT_FOR)
  const unsubscribe = queries.getQueryCache().subscribe(() => {
    if (sessionNow()?.sessid !== sessid) forgetKey()
  })
  stop = () => {
    clearTimeout(timer)
    unsubscribe()
  }
}

/** What is kept now, if anything is. */
export function keptKey(): string | null {
  const isGood = held !== null && held.until > Date.now() && held.sessid === sessionNow()?.sessid
  return isGood ? held!.password : null
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** Until when a key password is kept; null for none. */
export const useKeptUntil = (): number | null => useSyncExternalStore(subscribe, () => held?.until ?? null)
