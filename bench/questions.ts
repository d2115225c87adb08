import { type BenchHouse, PASSWORD } from './house.ts'
import { cycle, requestBytes } from './load.ts'

const askedBy = (house: BenchHouse, paths: readonly string[]): (() => Buffer) => {
  const headers = { Authorization: `Bearer ${house.token}` }
  return cycle(paths.map((path) => requestBytes(house.server.url, path, { headers })))
}

/** The administrator asks whose the first `count` tokens are. */
export const validations = (house: BenchHouse, count: number): (() => Buffer) =>
  askedBy(
    house,
    house.tokens.slice(0, count).map((one) => `/api/v1/validateToken?token=${one}`),
  )

export const keyValidations = (house: BenchHouse): (() => Buffer) =>
  askedBy(
    house,
    house.keys.map((one) => `/api/v1/validateApiKey?apikey=${one}`),
  )

/** What an administrator's console asks all day. */
export const readings = (house: BenchHouse): (() => Buffer) =>
  askedBy(house, ['/api/v1/oauth2?me=true', '/api/v1/users?limit=20', '/api/v1/users?offset=100&limit=20'])

export const signIns = ({ server, addresses }: BenchHouse): (() => Buffer) =>
  cycle(
    addresses.map((userId) =>
      requestBytes(server.url, '/api/v1/oauth2', {
        method: 'POST',
        body: JSON.stringify({ userId, password: PASSWORD }),
      }),
    ),
  )
