import { type InfiniteData, infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { ApiError, call } from '../../api/client.ts'
import { elevated } from '../../api/elevation.ts'
import { queries } from '../../api/session.ts'
import type {
  Guest,
  GuestFile,
  Page,
  Person,
  PersonFile,
  Policy,
  PolicyValue,
  Population,
  Reach,
  Role,
} from './types.ts'

const ADMIN = '/api/v1/admin'
const PAGE = 100

export interface Wanted {
  population?: string | undefined
  search?: string | undefined
  role?: string | undefined
  state?: string | undefined
  twoStep?: string | undefined
  domain?: string | undefined
  order?: string | undefined
}

export const reachQuery = queryOptions({
  queryKey: ['people', 'reach'],
  staleTime: 60_000,
  queryFn: () => call<Reach>('GET', `${ADMIN}/reach`),
})

const paged = <Item>(path: string, wanted: Wanted) =>
  infiniteQueryOptions({
    queryKey: ['people', path, wanted],
    // A thousand pages are not compared with what they were.
    structuralSharing: false,
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      call<Page<Item>>('GET', `${ADMIN}${path}`, {
        query: { ...wanted, limit: PAGE, after: pageParam ?? undefined },
        signal,
      }),
    getNextPageParam: ({ next }) => next,
  })

export const peopleQuery = (wanted: Wanted) => paged<Person>('/accounts', wanted)
export const guestsQuery = (wanted: Wanted) => paged<Guest>('/guests', wanted)

export const personQuery = (id: string) =>
  queryOptions({
    queryKey: ['people', 'person', id],
    queryFn: () => call<PersonFile>('GET', `${ADMIN}/accounts/${encodeURIComponent(id)}`),
  })

export const guestQuery = (id: string) =>
  queryOptions({
    queryKey: ['people', 'guest', id],
    queryFn: () => call<GuestFile>('GET', `${ADMIN}/guests/${encodeURIComponent(id)}`),
  })

export const domainQuery = (domain: string) =>
  queryOptions({
    queryKey: ['people', 'domain', domain],
    queryFn: () =>
      call<{ policy: Policy; rights: { protect: boolean } }>(
        'GET',
        `${ADMIN}/domains/${encodeURIComponent(domain)}/policy`,
      ),
  })

export const recordQuery = (id: string) =>
  infiniteQueryOptions({
    queryKey: ['people', 'record', id],
    initialPageParam: null as string | null,
    queryFn: ({ pageParam, signal }) =>
      call<Page<PersonFile['events'][number]>>('GET', `${ADMIN}/accounts/${encodeURIComponent(id)}/activity`, {
        query: { limit: 50, after: pageParam ?? undefined },
        signal,
      }),
    getNextPageParam: ({ next }) => next,
  })

/** Everything about people is read again: what was done may show in several places. */
export const readAgain = () => queries.invalidateQueries({ queryKey: ['people'] })

async function done<T>(work: Promise<T>): Promise<T> {
  const result = await work
  await readAgain()
  return result
}

/** Refusals of the protocol whose calls make and change accounts begin with a number: that is their code. */
async function numbered<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    const number = error instanceof ApiError ? /^(\d+):/.exec(error.code)?.[1] : undefined
    if (!(error instanceof ApiError) || number === undefined) throw error
    throw new ApiError(`owsec-${number}`, new Response(null, error), error.body)
  }
}

const doorOf = (population: Population): string => `/api/v1/${population === 'user' ? 'user' : 'subuser'}`

export interface NewPerson {
  population: Population
  address: string
  name: string
  role: Role
  /** absent where a link to choose one is sent */
  password?: string | undefined
}

export async function createPerson({ population, address, name, role, password }: NewPerson): Promise<string> {
  const json = {
    email: address,
    name,
    userRole: role,
    ...(password === undefined ? {} : { currentPassword: password, changePassword: true }),
  }
  const { id } = await numbered(elevated<{ id: string }>('POST', `${doorOf(population)}/0`, { json }))
  await readAgain()
  return id
}

type Target = Pick<PersonFile, 'id' | 'population'>

export const sendPasswordLink = ({ id, population }: Target) =>
  numbered(call('PUT', `${doorOf(population)}/${id}`, { query: { forgotPassword: true }, json: {} }))

export const changePerson = (
  { id, population }: Target,
  json: { suspended?: boolean; blackListed?: boolean; userRole?: Role },
) => done(numbered(elevated('PUT', `${doorOf(population)}/${id}`, { json })))

export const removePerson = ({ id, population }: Target) => numbered(call('DELETE', `${doorOf(population)}/${id}`))

const at = (id: string, rest: string) => `${ADMIN}/accounts/${encodeURIComponent(id)}${rest}`

export const letIn = (id: string) => done(call<{ forgotten: number }>('POST', at(id, '/unlock')))
export const signOutEverywhere = (id: string) => done(call<{ sessions: number }>('POST', at(id, '/sign-out')))
export const resetFactors = (id: string) => done(elevated('POST', at(id, '/reset-mfa')))
export const addAddress = (id: string, address: string) =>
  done(elevated('POST', at(id, '/addresses'), { json: { address } }))
export const removeAddress = (id: string, address: string) =>
  done(elevated('DELETE', at(id, `/addresses/${encodeURIComponent(address)}`)))
export const resetKey = (id: string) =>
  done(elevated<{ mailedTo: 'primary' | 'secondary' }>('POST', at(id, '/keys/reset-password')))
export const removeKeys = (id: string) => done(elevated('DELETE', at(id, '/keys')))
export const exposeKeys = (id: string) =>
  done(elevated<{ url: string; expires: string }>('POST', at(id, '/keys/expose')))

export type PolicyChanges = Record<string, PolicyValue | null>
export const decideForPerson = (id: string, json: PolicyChanges) => done(elevated('PUT', at(id, '/policy'), { json }))
export const decideForDomain = (domain: string, json: PolicyChanges) =>
  done(elevated('PUT', `${ADMIN}/domains/${encodeURIComponent(domain)}/policy`, { json }))

const guestAt = (id: string, rest = '') => `${ADMIN}/guests/${encodeURIComponent(id)}${rest}`

export const resetGuest = (id: string) => done(elevated('POST', guestAt(id, '/reset-password')))
export const upgradeGuest = (id: string, address: string) =>
  elevated('POST', guestAt(id, '/upgrade'), { json: { address } })
export const removeGuest = (id: string) => elevated('DELETE', guestAt(id))

/** Shows at once what the server is about to say. */
export function showStanding(id: string, standing: Partial<PersonFile>): void {
  queries.setQueryData(personQuery(id).queryKey, (old: PersonFile | undefined) => old && { ...old, ...standing })
}

export const itemsOf = <Item>(data: InfiniteData<Page<Item>> | undefined): Item[] =>
  data?.pages.flatMap(({ items }) => items) ?? []
