import { type FormEvent, useRef, useState } from 'react'

/** A form that is sent once at a time: whether it is under way, why it failed, and what to hang on it. */
export function useSubmit(action: () => Promise<unknown>) {
  const [isBusy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  // A second click may come before the first one is drawn.
  const isUnderWay = useRef(false)
  const submit = async (event?: FormEvent) => {
    event?.preventDefault()
    if (isUnderWay.current) return
    isUnderWay.current = true
    setBusy(true)
    setError(null)
    try {
      await action()
    } catch (error) {
      setError(error)
    } finally {
      isUnderWay.current = false
      setBusy(false)
    }
  }
  return { isBusy, error, submit }
}
