import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type Measures, readMeasures } from './calls.ts'

const KEY = ['house', 'measures']
const EVERY = 5000
/** A quarter of an hour. */
const KEPT = 180

/** How the server fared lately, renewed while the page is seen; only what is new is asked for. */
export function useMeasures() {
  const client = useQueryClient()
  return useQuery({
    queryKey: KEY,
    refetchInterval: EVERY,
    async queryFn(): Promise<Measures> {
      const known = client.getQueryData<Measures>(KEY)
      const fresh = await readMeasures(known?.samples.at(-1)?.seq ?? 0)
      // A server that was started anew counts from the beginning.
      if (known?.started !== fresh.started) return known ? readMeasures(0) : fresh
      return { ...fresh, samples: [...known.samples, ...fresh.samples].slice(-KEPT) }
    },
  })
}
