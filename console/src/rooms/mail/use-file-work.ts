import { useState } from 'react'
import { Cancelled } from '../../api/elevation.ts'
import type { Going } from './calls.ts'
import type { useKey } from './use-key.tsx'

/** Something that is done with a file, once at a time, and what came of it. */
export function useFileWork<T>(withKey: ReturnType<typeof useKey>['withKey']) {
  const [part, setPart] = useState<number | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [made, setMade] = useState<T | null>(null)
  async function work(task: (going: Going) => Promise<T>, asksFirst = false): Promise<void> {
    setPart(0)
    setError(null)
    setMade(null)
    try {
      setMade(await withKey((headers) => task({ headers, onProgress: setPart }), asksFirst))
    } catch (error) {
      if (!(error instanceof Cancelled)) setError(error)
    } finally {
      setPart(null)
    }
  }
  const forget = () => {
    setError(null)
    setMade(null)
  }
  return { work, part, error, made, forget }
}
