import { ApiError } from '../../api/client.ts'
import { queries, type Session, sessionQuery } from '../../api/session.ts'
import { trustBrowser } from './calls.ts'

// A browser can be trusted only when every hurdle is passed: a new password may stand between.
// Of whoever wished it: somebody else may sign in before it can be done.
let wishedIn: string | null = null

export function wishTrust(wish: boolean): void {
  wishedIn = wish ? (queries.getQueryData(sessionQuery.queryKey)?.sessid ?? null) : null
}

/** Trusts this browser if that was wished for and can be done now. It is a comfort: without it all is well. */
export async function keepTrustWish(session: Session | null): Promise<void> {
  if (session?.state !== 'full') return
  const isWished = wishedIn === session.sessid
  wishedIn = null
  if (!isWished) return
  try {
    await trustBrowser()
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
  }
}
