import type { Session, State } from './api/session.ts'
import { administrationOf } from './navigation.ts'

/** Where a session goes that stands before a hurdle; one without any goes where it wants to. */
const hurdles: Partial<Record<State, string>> = {
  required: '/sign-in/second-step',
  change: '/sign-in/new-password',
  setup: '/sign-in/set-up',
}

const query = (to: string | null): string => (to ? `?${new URLSearchParams({ to })}` : '')

/** A path of ours: whoever writes a link to us must not choose where it ends. */
const isOurs = (to: string): boolean => /^\/(my|admin)(\/|$|\?)/.test(to)

/** Where who looks after others is asked for a second step; he can put it off. */
export const protectPlace = (wanted: string | null): string => `/sign-in/protect${query(wanted)}`

/** Where somebody belongs now: before what stands in the way, where he wanted to go, or at home. */
export function placeFor(session: Session | null, wanted: string | null): string {
  const to = wanted && isOurs(wanted) ? wanted : null
  if (!session) return `/sign-in${query(to)}`
  const hurdle = hurdles[session.state]
  if (hurdle) return hurdle + query(to)
  return to ?? administrationOf(session)[0]?.to ?? '/my/security'
}
