import { useDebouncedValue } from '@mantine/hooks'
import { useEffect, useRef, useState } from 'react'
import { useSearchParams } from 'react-router'

/** How long somebody may pause while he types, in milliseconds. */
const PAUSE = 300

/**
 * What a list is filtered by. It stands in the address, too, so that it can be linked to and is there after a step back;
 * but only once nobody types any more, or letters would be lost on the way.
 */
export function useFilters<const Name extends string>(names: readonly Name[]) {
  const [params, setParams] = useSearchParams()
  const inAddress = () =>
    Object.fromEntries(names.map((name) => [name, params.get(name) ?? ''])) as Record<Name, string>
  const [values, setValues] = useState(inAddress)
  const [settled] = useDebouncedValue(values, PAUSE)
  const given = Object.entries<string>(settled).filter(([, value]) => value.trim() !== '')
  const asked = Object.fromEntries(given) as Partial<Record<Name, string>>
  const address = new URLSearchParams(asked as Record<string, string>).toString()
  const written = useRef(params.toString())

  useEffect(() => {
    if (address === written.current) return
    written.current = address
    setParams(address, { replace: true })
  }, [address, setParams])

  // Somebody followed a link to this page, with another filter or without.
  const current = params.toString()
  useEffect(() => {
    if (current === written.current) return
    written.current = current
    setValues(inAddress())
  })

  return {
    values,
    asked,
    set: (name: Name, value: string) => setValues((before) => ({ ...before, [name]: value })),
    clear: () => setValues(Object.fromEntries(names.map((name) => [name, ''])) as Record<Name, string>),
  }
}
