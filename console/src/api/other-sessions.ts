import { useSyncExternalStore } from 'react'

// A change of what protects the account is answered with how many other sessions are open (ASVS 7.4.3): whoever made it
// may be glad to end them. Kept until somebody has decided, wherever the change was made.
let open = 0
const listeners = new Set<() => void>()

export function noteOtherSessions(count: number): void {
  open = count
  for (const listener of listeners) listener()
}

const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/** How many other sessions were open when something was last changed; 0 when nobody has to decide about any. */
export const useOtherSessions = (): number => useSyncExternalStore(subscribe, () => open)
