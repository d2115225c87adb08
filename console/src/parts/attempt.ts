import { useState } from 'react'
import { Cancelled } from '../api/elevation.ts'

/** Something that is tried: whether it runs, and why it failed; nothing when somebody thought better of it. */
export function useAttempt() {
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const attempt = async (action: () => Promise<unknown>): Promise<boolean> => {
    setBusy(true)
    setError(null)
    try {
      await action()
      return true
    } catch (error) {
      if (!(error instanceof Cancelled)) setError(error)
      return false
    } finally {
      setBusy(false)
    }
  }
  return { isBusy, error, setError, attempt }
}
