import { queryOptions } from '@tanstack/react-query'
import { listWays } from './calls.ts'

/** Where a code may go for a name. Asked once: such questions are counted. */
export const waysQuery = (username: string) =>
  queryOptions({
    queryKey: ['recover', username.trim()],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: ({ signal }) => listWays(username.trim(), signal),
  })
