import type { Context } from '#src/context.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Caller, Incoming } from './endpoint.ts'
import { provenSession } from './session-proof.ts'

const bearerOf = (headers: Headers): string => /^bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? ''

/**
 * The session that a request names: as mailbox clients do it, as App Suite's do, or as OpenWiFi's. An Authorization
 * header names one only where nothing else does: beside another name it is what proves that session.
 */
function handleOf({ url, headers }: Incoming): string {
  const mailbox = headers.get('x-axigen-session') ?? url.searchParams.get('_h') ?? ''
  const appSuite = url.searchParams.get('session') ?? ''
  // Two sessions could be of two people; which of them would sign?
  if (mailbox !== '' && appSuite !== '') throw new Refusal('input.invalid', { params: ['_h', 'session'] })
  return mailbox || appSuite || bearerOf(headers)
}

/** The caller: anybody with a session, whichever protocol it was opened in. */
export async function callerOf(ctx: Context, incoming: Incoming): Promise<Caller | null> {
  const handle = handleOf(incoming)
  if (handle === '') return null
  return provenSession(ctx, {
    handle,
    headers: incoming.headers,
    protocols: ['mailbox', 'guard', 'openwifi', 'openwifi-subscribers'],
  })
}
