import { useEffect, useState } from 'react'

/** The state of a dialogue, which is forgotten with it: passwords above all. */
export function useWhileOpen<T>(isOpen: boolean, first: T): [T, (change: Partial<T>) => void] {
  const [state, setState] = useState(first)
  // biome-ignore lint/correctness/useExhaustiveDependencies: what it begins with is read when it closes
  useEffect(() => {
    if (!isOpen) setState(first)
  }, [isOpen])
  return [state, (change) => setState((before) => ({ ...before, ...change }))]
}
