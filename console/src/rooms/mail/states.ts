import type { Planned } from './calls.ts'
import { isAddress, type Person } from './people.ts'

/** How a mail would reach somebody, as it is shown. */
export type State =
  | 'encrypted'
  | 'unconfirmed'
  | 'newKey'
  | 'guest'
  | 'waitingGuest'
  | 'newGuest'
  | 'no'
  | 'invalid'
  | 'looking'

/** `planned`: what the server said of this address; undefined for nothing yet. */
export function stateOf({ address }: Person, planned: Planned | undefined): State {
  if (!isAddress(address)) return 'invalid'
  if (!planned) return 'looking'
  const { how, key, guest } = planned
  if (how === 'clear-only') return 'no'
  if (how === 'guest') return guest?.exists ? (guest.hasPassword ? 'guest' : 'waitingGuest') : 'newGuest'
  if (!key) return 'newKey'
  return key.trusted || key.verified ? 'encrypted' : 'unconfirmed'
}

/** Nothing is sent while anybody is in one of these. */
export const blocking: readonly State[] = ['no', 'invalid', 'looking']

/** What a state is called in short. */
export const labelOf = (state: State) => (state === 'waitingGuest' ? 'guest' : state)
