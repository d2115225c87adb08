import type { FormEvent } from 'react'
import { useAttempt } from '../../parts/attempt.ts'

/** A form that is sent: whether it is under way, why it failed, and what to hang on it. */
export function useSubmit(action: () => Promise<unknown>) {
  const { isBusy, error, attempt } = useAttempt()
  const submit = (event?: FormEvent) => {
    event?.preventDefault()
    return attempt(action)
  }
  return { isBusy, error, submit }
}
