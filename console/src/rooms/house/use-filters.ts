import { useDebouncedValue } from '@mantine/hooks'
import { useEffect, useRef, useState } from 'react'
import { useSearchParams } from 'react-router'

/** How long somebody may pause while he types, in milliseconds. */
const PAUSE = 300

function valuesIn<Name extends string>(names: readonly Name[], address: string): Record<Name, string> {
  const params = new URLSearchParams(address)
  return Object.fromEntries(names.map((name) => [name, params.get(name) ?? ''])) as Record<Name, string>
}

/**
 * What a list is filtered by; `names` must stay the same. It stands in the address, too, so that it can be linked to and
 * is there after a step back; but only once nobody types any more, or letters would be lost on the way.
 */
export function useFilters<const Name extends string>(names: readonly Name[]) {
  const [params, setParams] = useSearchParams()
  const current = params.toString()
  const written = useRef(current)
  const [values, setValues] = useState(() => valuesIn(names, current))
  const [settled] = useDebouncedValue(values, PAUSE)
  const given = Object.entries<string>(settled).filter(([, value]) => value.trim() !== '')
  const asked = Object.fromEntries(given) as Partial<Record<Name, string>>
  const address = new URLSearchParams(asked as Record<string, string>).toString()

  useEffect(() => {
    if (address === written.current) return
    written.current = address
    setParams(address, { replace: true })
  }, [address, setParams])

  useEffect(() => {
    if (current === written.current) return
    // Somebody followed a link to this page, with another filter or without.
    written.current = current
    setValues(valuesIn(names, current))
  }, [current, names])

  return {
    values,
    asked,
    set: (name: Name, value: string) => setValues((before) => ({ ...before, [name]: value })),
    clear: () => setValues(valuesIn(names, '')),
  }
}
