import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { ApiError, type CallOptions, call, send } from '../../api/client.ts'
import { queries } from '../../api/session.ts'

const API = '/api/v1/guest'

export interface Person {
  address: string
  name: string
}

export interface House {
  name: string
  host: string
  passwordLength: number
}

export interface Arrival {
  door: 'first' | 'mailed' | 'password' | 'gone' | 'anew' | 'over'
  pinNeeded: boolean
  to: string
  from: Person | null
  date: string | null
  expires: string | null
  language: string
}

export interface Self {
  address: string
  kind: 'guest' | 'account'
  hasPassword: boolean
  recoveryAvail: boolean
  question: string
  items: number
}

export interface Item {
  id: string
  kind: 'received' | 'sent'
  from: Person
  subject: string
  date: string
  expires: string
  opened: boolean
}

export interface Attachment {
  index: number
  name: string
  bytes: number
}

export interface Mail extends Item {
  headers: { from: Person[]; to: Person[]; cc: Person[]; date: string | null; subject: string }
  verification: { result: 'good' | 'partly' | 'other' | 'bad' | 'unknown' | 'none' }
  signatures: { status: string; signer: string | null; source: string | null; matchesSender: boolean }[]
  attachments: Attachment[]
  blockedRemoteContent: boolean
  isWhole: boolean
  text: string
  html: string
}

export interface Question {
  question: string
  answer: string
}

const ask = <T = null>(method: string, path: string, options: CallOptions = {}): Promise<T> =>
  call<T>(method, API + path, { ...options, as: 'guest' })

export const isCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof ApiError && codes.includes(error.code)

export const houseQuery = queryOptions({
  queryKey: ['guest', 'house'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: () => ask<House>('GET', '/house'),
})

/** Who reads here; null for nobody. */
export const selfQuery = queryOptions({
  queryKey: ['guest', 'self'],
  staleTime: Number.POSITIVE_INFINITY,
  queryFn: () =>
    ask<Self>('GET', '').catch((error: unknown) => {
      if (isCode(error, 'AUTH_REQUIRED')) return null
      throw error
    }),
})

/** Asked each time: by choosing a password he changes where it leads. */
export const linkQuery = (item: string) =>
  queryOptions({
    queryKey: ['guest', 'link', item],
    staleTime: 0,
    gcTime: 0,
    queryFn: () => ask<Arrival>('POST', '/link', { json: { item } }),
  })

export const askReset = (reset: string) => ask<Arrival>('POST', '/link', { json: { reset } })

/**
 * His session is over, or his key is locked again: he signs in once more. What he reads is forgotten; what he was writing
 * is not.
 */
async function orSignIn<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked
  } catch (error) {
    if (isCode(error, 'AUTH_REQUIRED', 'KEY_PASSWORD_REQUIRED', 'KEY_TOKEN_INVALID'))
      queries.setQueryData(selfQuery.queryKey, null)
    throw error
  }
}

interface Listed {
  items: Item[]
  next: string | null
}

export const inboxQuery = infiniteQueryOptions({
  queryKey: ['guest', 'inbox'],
  initialPageParam: undefined as string | undefined,
  queryFn: ({ pageParam }) =>
    orSignIn(ask<Listed>('GET', '/items', { query: { limit: 30, ...(pageParam ? { before: pageParam } : {}) } })),
  getNextPageParam: ({ next }) => next ?? undefined,
})

const pathOf = (id: string): string => `/items/${encodeURIComponent(id)}`

/** The server opens it anew for each call: once is enough. */
export const mailQuery = (id: string) =>
  queryOptions({
    queryKey: ['guest', 'mail', id],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: () => orSignIn(ask<Mail>('GET', pathOf(id))),
  })

export const viewPath = (id: string): string => `${API}${pathOf(id)}/view`

/** A file of a mail: `attachments/1`, `original` or `plain`. */
export async function fileOf(id: string, which: string): Promise<Blob> {
  const response = await orSignIn(send('GET', `${API}${pathOf(id)}/${which}`, { as: 'guest' }))
  return response.blob()
}

/** Whoever was here before must not be seen by who comes. */
async function entered(): Promise<void> {
  queries.removeQueries({ queryKey: ['guest', 'inbox'] })
  queries.removeQueries({ queryKey: ['guest', 'mail'] })
  await queries.fetchQuery({ ...selfQuery, staleTime: 0 })
}

export async function signIn(json: { address: string; password: string; pin?: string }): Promise<boolean> {
  const { hasPassword } = await ask<{ hasPassword: boolean }>('POST', '/login', { json })
  await entered()
  return hasPassword
}

interface First extends Partial<Question> {
  address: string
  itemId: string
  new: string
  pin?: string
}

export async function chooseFirst(json: First): Promise<void> {
  await ask('POST', '/password', { json })
  await entered()
}

export async function changePassword(json: { old: string; new: string } & Partial<Question>): Promise<void> {
  await orSignIn(ask('POST', '/password', { json }))
  await queries.invalidateQueries({ queryKey: selfQuery.queryKey })
}

export const questionOf = async (address: string): Promise<string | null> =>
  (await ask<{ question: string | null }>('POST', '/forgotten', { json: { address } })).question

export const giveAnswer = (json: { address: string; answer: string; language: string }) =>
  ask('POST', '/forgotten/answer', { json })

export const askAnew = (address: string) => ask('POST', '/anew', { json: { address } })

export const startAnew = (json: { reset: string; address: string; new: string }) =>
  ask('POST', '/anew/confirm', { json })

export interface Reply {
  text: string
  all: boolean
  quote: boolean
  attachments: { name: string; type: string; data: string }[]
  once: string
}

export async function sendReply(id: string, json: Reply): Promise<void> {
  await orSignIn(ask('POST', `${pathOf(id)}/reply`, { json }))
  await queries.invalidateQueries({ queryKey: inboxQuery.queryKey })
}

export async function removeMail(id: string): Promise<void> {
  await orSignIn(ask('DELETE', pathOf(id)))
  queries.removeQueries({ queryKey: mailQuery(id).queryKey })
  await queries.invalidateQueries({ queryKey: inboxQuery.queryKey })
}

/** Ends the session, if it has not ended already. */
export async function signOut(): Promise<void> {
  await ask('POST', '/logout').catch((error: unknown) => {
    if (!isCode(error, 'AUTH_REQUIRED')) throw error
  })
}
