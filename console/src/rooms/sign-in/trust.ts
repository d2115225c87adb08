import { ApiError } from '../../api/client.ts'
import type { Session } from '../../api/session.ts'
import { trustBrowser } from './calls.ts'

// A browser can be trusted only when every hurdle is passed: a new password may stand between.
let isWished = false

export function wishTrust(wish: boolean): void {
  isWished = wish
}

/** Trusts this browser if that was wished for and can be done now. It is a comfort: without it all is well. */
export async function keepTrustWish(session: Session | null): Promise<void> {
  if (!isWished || session?.state !== 'full') return
  isWished = false
  try {
    await trustBrowser()
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
  }
}
