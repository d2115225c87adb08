import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { call } from '../../api/client.ts'
import { queries } from '../../api/session.ts'
import type { Overview } from '../../enrolment/calls.ts'
import type { Method } from '../../parts/second-step.tsx'
import type { Info, Known } from './advice.ts'
import type { Happening } from './events.ts'

export { type Overview, overviewQuery } from '../../enrolment/calls.ts'
export type { Info } from './advice.ts'
export type { Happening } from './events.ts'

const ACCOUNT = '/api/v1/account'
export const SECURITY = `${ACCOUNT}/security`

/** All that this room reads begins so: a change lets all of it be read again. */
const ROOM = 'security'

/** Dates are seconds in text, "" for never; see `momentOf`. */
interface Items<T> {
  items: T[]
}

export interface ListedMethod extends Method {
  lastUsedDate: string
}

/** What the overview is made of. */
export interface KnownAccount extends Known {
  overview: Overview
  recoveryMethods: readonly ListedMethod[]
}

export interface Authenticator {
  id: string
  name: string
  createdDate: string
  lastUsedDate: string
}

export interface Passkey extends Authenticator {
  synced: boolean
}

export const scopes = ['imap', 'pop3', 'smtp', 'sieve', 'caldav', 'carddav', 'api'] as const
export type Scope = (typeof scopes)[number]

export interface AppPassword {
  id: string
  name: string
  scopes: Scope[]
  createdDate: string
  lastUsedDate: string
  lastUsedProtocol: string
  lastUsedAddress: string
}

export interface TrustedDevice {
  id: string
  name: string
  address: string
  createdDate: string
  lastUsedDate: string
  expiresDate: string
}

export interface OpenSession {
  id: string
  protocol: string
  device: string
  address: string
  state: string
  createdDate: string
  lastSeenDate: string
  expiresDate: string
  current: boolean
  secondStep: boolean
}

const listOf = <T>(name: string, path: string, query: Record<string, string> = {}) =>
  queryOptions({
    queryKey: [ROOM, name],
    queryFn: async ({ signal }) => (await call<Items<T>>('GET', path, { query, signal })).items,
  })

export const infoQuery = queryOptions({
  queryKey: [ROOM, 'info'],
  queryFn: ({ signal }) => call<Info>('GET', `${ACCOUNT}/info`, { signal }),
})

export const methodsQuery = listOf<ListedMethod>('methods', `${SECURITY}/methods`)
export const stepMethodsQuery = listOf<ListedMethod>('step-methods', `${SECURITY}/methods`, { scope: '2fa' })
export const recoveryMethodsQuery = listOf<ListedMethod>('recovery-methods', `${SECURITY}/methods`, {
  scope: 'passwordRecovery',
})
export const authenticatorsQuery = listOf<Authenticator>('authenticators', `${SECURITY}/authenticators`)
export const passkeysQuery = listOf<Passkey>('passkeys', `${SECURITY}/passkeys`)
export const appPasswordsQuery = listOf<AppPassword>('app-passwords', `${SECURITY}/apppasswords`)
export const devicesQuery = listOf<TrustedDevice>('devices', `${SECURITY}/trusteddevices`)
export const sessionsQuery = listOf<OpenSession>('sessions', `${SECURITY}/sessions`)

interface ActivityPage {
  items: Happening[]
  /** "" at the end */
  next: string
}

export const activityQuery = infiniteQueryOptions({
  queryKey: [ROOM, 'activity'],
  initialPageParam: '',
  queryFn: ({ pageParam, signal }) =>
    call<ActivityPage>('GET', `${SECURITY}/activity`, { query: { before: pageParam || undefined }, signal }),
  getNextPageParam: ({ next }) => next || undefined,
})

/** The last of it, for the overview. */
export const latestQuery = queryOptions({
  queryKey: [ROOM, 'latest'],
  queryFn: async ({ signal }) =>
    (await call<ActivityPage>('GET', `${SECURITY}/activity`, { query: { limit: 4 }, signal })).items,
})

/** After a change: every page of the room shows what is, and so does whoever else lists methods. */
export async function readAgain(): Promise<void> {
  await Promise.all([
    queries.invalidateQueries({ queryKey: [ROOM] }),
    queries.invalidateQueries({ queryKey: ['methods'] }),
  ])
}

export async function endOtherSessions(): Promise<void> {
  await call('DELETE', `${SECURITY}/sessions`)
  await readAgain()
}
