export interface Happening {
  id: string
  date: string
  event: string
  protocol: string
  address: string
  byOwner: boolean
  detail: Record<string, string | number | boolean>
}

/** What a sentence is chosen by besides its event, and filled with. */
export interface Wording {
  context?: string
  count?: number
  name?: string
  key?: string
  /** a kind of method, still to be put into words */
  kind?: string
}

const text = (value: unknown): string | undefined => (value === undefined ? undefined : String(value))

// The fact of an event that changes its sentence.
const contexts: Readonly<Record<string, (detail: Happening['detail']) => string | undefined>> = {
  'sign-in.done': ({ by }) => text(by),
  'sign-in.failed': ({ needs, with: shown }) => text(needs ?? shown),
  'sign-in.challenged': ({ needs }) => text(needs),
  'two-step.off': ({ reset }) => (reset ? 'reset' : undefined),
  'factor.revoked': ({ kind }) => (kind === 'all' ? 'all' : undefined),
  'passkey.removed': ({ count }) => (count === undefined ? undefined : 'all'),
  'app-password.removed': ({ count }) => (count === undefined ? undefined : 'all'),
  'device.forgotten': ({ count }) => (count === undefined ? undefined : 'all'),
  'link.sent': ({ purpose }) => text(purpose),
  'link.used': ({ purpose }) => text(purpose),
  'recovery.sent': ({ what }) => text(what),
}

export function wordingOf({ event, detail }: Pick<Happening, 'event' | 'detail'>): Wording {
  const { count = detail.recipients, name, key, kind } = detail
  const context = contexts[event]?.(detail)
  return {
    ...(context === undefined ? {} : { context }),
    ...(count === undefined ? {} : { count: Number(count) }),
    ...(name === undefined ? {} : { name: String(name) }),
    ...(key === undefined ? {} : { key: String(key) }),
    ...(kind === undefined ? {} : { kind: String(kind) }),
  }
}

/** Who did it, as far as the record says. */
export type Doer = 'owner' | 'house' | 'desk' | 'anybody'

const houses: ReadonlySet<string> = new Set(['house', 'import', 'start', 'gateway'])

export function doerOf({ byOwner, protocol, address }: Pick<Happening, 'byOwner' | 'protocol' | 'address'>): Doer {
  if (byOwner) return 'owner'
  if (houses.has(protocol)) return 'house'
  // Of those who run the server neither the name nor the place is told.
  return protocol === 'cli' || address === '' ? 'desk' : 'anybody'
}

/** What somebody should do about it who had no part in it. */
export type Hint = 'guessing' | 'password-known' | 'asking' | 'stop' | 'token' | 'fetched'

const hints: Readonly<Record<string, Hint>> = {
  'sign-in.failed': 'guessing',
  'sign-in.challenged': 'password-known',
  'second-step.failed': 'password-known',
  'sign-in.refresh-reused': 'token',
  'link.asked': 'asking',
  'link.sent': 'asking',
  'recovery.asked': 'asking',
  'recovery.sent': 'asking',
  'recovery.failed': 'asking',
  'recovery.waiting': 'stop',
  'keys.fetched': 'fetched',
}

/** Null where the owner did it, or those who run the server. */
export function hintFor(one: Happening): Hint | null {
  if (doerOf(one) !== 'anybody') return null
  // Who lacks only the second step has the password.
  if (one.event === 'sign-in.failed' && one.detail.needs !== undefined) return 'password-known'
  return hints[one.event] ?? null
}
