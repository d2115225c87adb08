import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type Measures, readMeasures } from './calls.ts'
import { together } from './processes.ts'

const KEY = ['house', 'measures']
const EVERY = 5000
/** A quarter of an hour. */
const KEPT = 180

/** How the server fared lately, renewed while the page is seen; only what is new is asked for, whichever process answers. */
export function useMeasures() {
  const client = useQueryClient()
  return useQuery({
    queryKey: KEY,
    refetchInterval: EVERY,
    async queryFn(): Promise<Measures> {
      const before = client.getQueryData<Measures>(KEY)
      const fresh = await readMeasures(before)
      const processes = fresh.processes.map((process) => {
        const known = before?.processes.find(({ id }) => id === process.id)?.samples ?? []
        return { ...process, samples: [...known, ...process.samples].slice(-KEPT) }
      })
      return { ...fresh, processes, samples: together(processes, fresh.everySeconds) }
    },
  })
}
