import { useRef, useState } from 'react'
import { ApiError } from '../../api/client.ts'
import { Cancelled } from '../../api/elevation.ts'
import { type SendingWish, type Sent, sendMail } from './calls.ts'
import { composed, type Draft } from './compose.ts'
import type { useKey } from './use-key.tsx'

/** What became of a mail: `before` where an earlier try had gone through, whose answer is lost. */
export type Outcome = { is: 'sent'; sent: Sent } | { is: 'before' }

interface Wanted {
  draft: Draft
  wish: SendingWish
  /** the key must be opened for it */
  needsPassword: boolean
}

/**
 * Sends a mail, once: while it is on its way nothing else is, and one that is sent again has the id that it had, by which
 * the server knows it.
 */
export function useSending(withKey: ReturnType<typeof useKey>['withKey']) {
  const isGoing = useRef(false)
  const [part, setPart] = useState<number | null>(null)
  const [error, setError] = useState<unknown>(null)
  const [outcome, setOutcome] = useState<Outcome | null>(null)
  async function send({ draft, wish, needsPassword }: Wanted): Promise<void> {
    if (isGoing.current) return
    isGoing.current = true
    setError(null)
    setPart(0)
    try {
      const mail = await composed(draft)
      const sent = await withKey((headers) => sendMail(mail, wish, { headers, onProgress: setPart }), needsPassword)
      setOutcome({ is: 'sent', sent })
    } catch (error) {
      if (error instanceof ApiError && error.code === 'ALREADY_SENT') setOutcome({ is: 'before' })
      else if (!(error instanceof Cancelled)) setError(error)
    } finally {
      isGoing.current = false
      setPart(null)
    }
  }
  return { send, part, error, outcome }
}
