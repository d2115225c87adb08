import { useRef, useState } from 'react'
import { Cancelled } from '../api/elevation.ts'

/**
 * Something that is tried, once at a time: whether it runs, and why it failed; nothing when somebody thought better of
 * it.
 */
export function useAttempt() {
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  // A second click may come before the first one is drawn.
  const isUnderWay = useRef(false)
  const attempt = async (action: () => Promise<unknown>): Promise<boolean> => {
    if (isUnderWay.current) return false
    isUnderWay.current = true
    setBusy(true)
    setError(null)
    try {
      await action()
      return true
    } catch (error) {
      if (!(error instanceof Cancelled)) setError(error)
      return false
    } finally {
      isUnderWay.current = false
      setBusy(false)
    }
  }
  return { isBusy, error, setError, attempt }
}
