import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type AutocryptRing, autocryptQuery, type ExternalRing, externalQuery, verifyKey } from './calls.ts'

/** Reads everything again that may have changed with a key of somebody else. */
export function useRefresh(): () => Promise<void> {
  const queries = useQueryClient()
  return () => queries.invalidateQueries({ queryKey: ['correspondents'] })
}

/** Changes marks of a key that was brought: shown at once, and taken back when the server refuses. */
export function useMark(mark: 'shared' | 'inline', change: (ids: string, value: boolean) => Promise<unknown>) {
  const queries = useQueryClient()
  const { queryKey } = externalQuery
  const set = (ids: string, value: boolean) =>
    queries.setQueryData(queryKey, (all: ExternalRing[] | undefined) =>
      all?.map((one) => (one.ids === ids ? { ...one, [mark]: value } : one)),
    )
  return useMutation({
    mutationFn: ({ ids, value }: { ids: string; value: boolean }) => change(ids, value),
    onMutate: ({ ids, value }) => set(ids, value),
    onError: (_error, { ids, value }) => set(ids, !value),
  })
}

/** Says that a key is right, or takes that back. One that waits beside another takes its place: all is read again. */
export function useVerify() {
  const queries = useQueryClient()
  return async (ids: string, verified: boolean): Promise<void> => {
    await verifyKey(ids, verified)
    queries.setQueryData(autocryptQuery.queryKey, (all: AutocryptRing[] | undefined) =>
      all?.map((one) => (one.ids === ids ? { ...one, verified } : one)),
    )
    await queries.invalidateQueries({ queryKey: ['correspondents'] })
  }
}
