import { QueryClient, queryOptions, useQuery } from '@tanstack/react-query'
import { ApiError, ask, call, holdHandle, whenLost } from './client.ts'
import { dropElevation } from './elevation.ts'
import { noteOtherSessions } from './other-sessions.ts'

/** Where a session stands: docs/mailbox.md, "The states of a session". */
export type State = 'full' | 'required' | 'setup' | 'change' | 'delegated'

export interface Session {
  sessid: string
  state: State
  account: {
    id: string
    address: string
    name: string
    role: string
    population: string
    language: string
    twoFactorAuthConfigured: boolean
  }
  /** What of the administration is open to the account. The server decides; this only leaves out what it would refuse. */
  may: Record<Ground, boolean>
}

/** The grounds of the administration. */
export type Ground = 'people' | 'guests' | 'house'

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // A refusal is an answer; what did not arrive is tried again.
      retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status < 500),
    },
  },
})

const API = '/api/v1'

// Whose the answers are that are kept here. In another window somebody else may have signed in meanwhile: from then on the
// browser's pages are his, this one too.
let known: string | null = null

/** Whoever was here before must not be seen by who comes, nor act in his name. */
function welcome(sessid: string): void {
  if (known !== null && known !== sessid) {
    forget()
    noteOtherSessions(0)
  }
  if (known !== sessid) dropElevation()
  known = sessid
}

export const sessionQuery = queryOptions({
  queryKey: ['session'],
  staleTime: Number.POSITIVE_INFINITY,
  async queryFn(): Promise<Session | null> {
    const { session } = await call<{ session: Session | null }>('GET', `${API}/session`)
    holdHandle(session?.sessid ?? null)
    if (session) welcome(session.sessid)
    else noteEnded()
    return session
  },
})

/** How a session ended that somebody did not leave by himself, for the sign-in that follows: it says so. */
export type Ended = 'full' | 'half'

export const endedQuery = queryOptions({
  queryKey: ['ended'],
  staleTime: Number.POSITIVE_INFINITY,
  gcTime: Number.POSITIVE_INFINITY,
  queryFn: (): Ended | null => null,
})

function noteEnded(): void {
  const before = queries.getQueryData<Session | null>(['session'])
  if (before) queries.setQueryData(endedQuery.queryKey, before.state === 'full' ? 'full' : 'half')
}

whenLost(() => {
  holdHandle(null)
  dropElevation()
  noteEnded()
  queries.setQueryData(sessionQuery.queryKey, null)
})

/** Reads again where the session stands, after a step of it. */
export async function refreshSession(): Promise<Session | null> {
  await queries.invalidateQueries({ queryKey: sessionQuery.queryKey, refetchType: 'none' })
  return queries.fetchQuery({ ...sessionQuery, staleTime: 0 })
}

/** Forgets what belongs to a session. Not the query for the session itself: what is on the page listens to that one. */
const forget = () => queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] })

/** Has the browser keep the session that a sign-in has opened, and reads where it stands. */
export async function enterSession(sessid: string): Promise<Session | null> {
  forget()
  noteOtherSessions(0)
  welcome(sessid)
  holdHandle(sessid)
  await ask('PUT', `${API}/session`)
  return refreshSession()
}

export async function leaveSession(): Promise<void> {
  await call('POST', `${API}/logout`).catch((error: unknown) => {
    if (!(error instanceof ApiError && error.status === 401)) throw error
  })
  holdHandle(null)
  dropElevation()
  forget()
  queries.setQueryData(sessionQuery.queryKey, null)
}

export const useSession = () => useQuery(sessionQuery)

/** The session of pages that are shown only to who is signed in. */
export function useSignedIn(): Session {
  const { data } = useSession()
  if (!data) throw new Error('shown outside RequireSession')
  return data
}

/** Does this account look after anything but itself? */
export const isAdministrator = ({ may }: Session): boolean => Object.values(may).includes(true)

/** Whoever looks after others, and whose password alone opens his account. */
export const isUnprotected = (session: Session): boolean =>
  isAdministrator(session) && !session.account.twoFactorAuthConfigured
