import { sha256 } from '../src/lib/digests.ts'
import { PASSWORD } from './house.ts'
import { requestBytes } from './load.ts'
import type { OpenHouse } from './million-house.ts'
import { keyedAccounts } from './million-keys.ts'
import { emailOf, tokenOf } from './million-rows.ts'

/** A kind of request: the next one of it, each about somebody else. */
export interface Asked {
  what: string
  next: () => Buffer
  /** the status that it is answered with where that is not 200 */
  refused?: number
}

// Prime: numbers in steps of it visit all places before they come back to one.
const STEP = 104_729

/** Accounts that may sign in, all over the house. `ending` 0: with a hash that costs nothing; 5: with a real one. */
export function wanderer({ accounts }: OpenHouse, ending: 0 | 5): () => number {
  const tens = accounts / 10
  let at = 0
  return () => ((at++ * STEP) % tens) * 10 + ending
}

/** The network that an account was seen from before. */
const networkOf = (i: number): string => `198.51.${Math.floor(i / 256) % 256}.${i % 256}`

let strangers = 0
/** A place that nobody has come from before. */
const strangeNetwork = (): string => {
  const n = strangers++
  return `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`
}

export const signIns = (house: OpenHouse, ending: 0 | 5): (() => Buffer) => {
  const next = wanderer(house, ending)
  return () => {
    const i = next()
    return requestBytes(house.server.url, '/api/v1/oauth2', {
      method: 'POST',
      headers: { 'X-Forwarded-For': networkOf(i) },
      body: JSON.stringify({ userId: emailOf(i), password: PASSWORD }),
    })
  }
}

const posted =
  ({ server }: OpenHouse, path: string, body: () => object) =>
  () =>
    requestBytes(server.url, path, {
      method: 'POST',
      headers: { 'X-Forwarded-For': strangeNetwork() },
      body: JSON.stringify(body()),
    })

export const validations = (house: OpenHouse, kept: boolean): (() => Buffer) => {
  const next = wanderer(house, 0)
  const some = Array.from({ length: 64 }, next)
  let at = 0
  const headers = { Authorization: `Bearer ${house.token}` }
  return () => {
    const token = tokenOf(kept ? some[at++ % some.length]! : next())
    // What has anything else in its query is never kept.
    return requestBytes(house.server.url, `/api/v1/validateToken?token=${token}${kept ? '' : '&n=1'}`, { headers })
  }
}

/** A place far into a list, as the answer before it would name it. */
const placeAt = (key: string): string => Buffer.from(JSON.stringify({ part: 0, key, tie: '' })).toString('base64url')

/** What happened to many accounts, each asked for by its own session of the mailbox protocol. */
function activities(house: OpenHouse): () => Buffer {
  const next = wanderer(house, 0)
  return () => {
    const session = next() + 3 * house.accounts
    const name = `mailbox-secret-${sha256(tokenOf(session)).slice(0, 16)}`
    return requestBytes(house.server.url, `/api/v1/account/security/activity?_h=${tokenOf(session)}`, {
      headers: { Cookie: `${name}=cookie${session}` },
    })
  }
}

/** Every kind that is measured with hashes that cost nothing. */
export function askedOf(house: OpenHouse): Asked[] {
  const { accounts, token, server } = house
  const headers = { Authorization: `Bearer ${token}` }
  const get =
    (path: () => string, own: () => string = () => token) =>
    () =>
      requestBytes(server.url, path(), { headers: { ...headers, Authorization: `Bearer ${own()}` } })
  const somebody = wanderer(house, 0)
  const keyed = keyedAccounts(accounts)
  let at = 0
  // Every tenth is a subscriber; the administrator is one more.
  const users = Math.floor(accounts * 0.9) + 1
  return [
    { what: 'sign-in, all but its hash', next: signIns(house, 0) },
    {
      what: 'sign-in with a wrong name',
      next: posted(house, '/api/v1/oauth2', () => ({ userId: `nobody${strangers}@d0.example`, password: PASSWORD })),
      refused: 403,
    },
    { what: 'validateToken, not kept', next: validations(house, false) },
    { what: 'validateToken, kept', next: validations(house, true) },
    {
      what: 'getRecipKey of an address',
      next: get(
        () =>
          `/appsuite/api/oxguard/keys?action=getRecipKey&email=${emailOf(keyed[at++ % keyed.length]!)}&session=${token}`,
      ),
    },
    { what: 'GET /users, first page', next: get(() => '/api/v1/users?limit=100') },
    { what: 'GET /users, a page in the middle', next: get(() => `/api/v1/users?limit=100&offset=${users >> 1}`) },
    { what: 'GET /users, last page', next: get(() => `/api/v1/users?limit=100&offset=${users - 100}`) },
    {
      what: 'GET /users, a text in the address',
      next: get(() => `/api/v1/users?limit=100&emailSearch=person${somebody()}@`),
    },
    { what: 'GET /subusers, their number', next: get(() => '/api/v1/subusers?countOnly=true') },
    { what: 'the console’s list of people, first page', next: get(() => '/api/v1/admin/accounts?limit=50') },
    {
      what: 'the console’s list of people, last page',
      next: get(() => `/api/v1/admin/accounts?limit=50&after=${placeAt('person9999')}`),
    },
    {
      what: 'the console’s list by name, two conditions',
      next: get(() => '/api/v1/admin/accounts?limit=50&order=name&role=installer&twoStep=on'),
    },
    {
      what: 'search by the beginning of an address',
      next: get(() => `/api/v1/admin/accounts?limit=50&search=person${somebody()}`),
    },
    {
      what: 'search by the beginning of a name',
      next: get(() => `/api/v1/admin/accounts?limit=50&search=Person%20${(somebody() * 7919) % 1_000_003}`),
    },
    { what: 'activity', next: activities(house) },
    {
      what: 'the record of one account',
      next: get(() => `/api/v1/admin/record?account=${emailOf(somebody())}`),
    },
    {
      what: 'the record, one event from one network',
      next: get(() => `/api/v1/admin/record?event=sign-in.failed&network=${networkOf(somebody())}`),
    },
    {
      what: 'guests, first page',
      next: get(() => '/api/v1/admin/guests?limit=50'),
    },
    {
      what: 'outbox, first page',
      next: get(() => '/api/v1/admin/outbox?limit=50'),
    },
  ]
}
