import { useDebouncedValue } from '@mantine/hooks'
import { useSearchParams } from 'react-router'

/** What is filtered by stands in the address, so that it can be linked to and is there after a step back. */
export function useFilters<const Name extends string>(names: readonly Name[]) {
  const [params, setParams] = useSearchParams()
  const values = Object.fromEntries(names.map((name) => [name, params.get(name) ?? ''])) as Record<Name, string>
  const set = (name: Name, value: string) =>
    setParams(
      (before) => {
        const next = new URLSearchParams(before)
        if (value === '') next.delete(name)
        else next.set(name, value)
        return next
      },
      { replace: true },
    )
  const clear = () => setParams({}, { replace: true })
  const key = JSON.stringify(values)
  // While somebody types, nothing is asked for.
  const [settled] = useDebouncedValue(key, 300)
  const given = Object.entries<string>(JSON.parse(settled)).filter(([, value]) => value.trim() !== '')
  return { values, set, clear, asked: Object.fromEntries(given) as Partial<Record<Name, string>> }
}
