import { z } from 'zod'
import type { Context } from '#src/context.ts'
import {
  countOtherSessions,
  endOtherSessions,
  endOwnSession,
  endSession,
  listSessions,
  type Session,
  type Signed,
} from '#src/domain/sessions/sessions.ts'
import { endpoint, type Incoming } from '#src/http/endpoint.ts'
import { dropCookie } from './session.ts'
import { idPath, noBody, query, stamp } from './shapes.ts'

const SESSIONS = '/account/security/sessions'

/**
 * Says with the answer to a change how many other sessions are open, so that a client can offer to end them: what made
 * somebody change something may sit in one of them (ASVS 7.4.3).
 */
export async function offerOthers(ctx: Context, signed: Signed, { answer }: Incoming): Promise<void> {
  const others = await countOtherSessions(ctx, signed)
  if (others > 0) answer.set('X-Other-Sessions', String(others))
}

const item = z.object({
  id: z.string(),
  protocol: z.string(),
  device: z.string(),
  address: z.string(),
  state: z.string(),
  createdDate: z.string(),
  lastSeenDate: z.string(),
  expiresDate: z.string(),
  current: z.boolean(),
  secondStep: z.boolean(),
})

const shown = (session: Session, currentId: string): z.output<typeof item> => ({
  id: session.id,
  protocol: session.protocol,
  device: session.agent,
  address: session.network,
  state: session.state,
  createdDate: stamp(session.created),
  lastSeenDate: stamp(session.last_seen),
  // One that can be renewed ends when it no longer can.
  expiresDate: stamp(Math.max(session.expires, session.refresh_expires)),
  current: session.id === currentId,
  secondStep: session.stepped > 0,
})

const list = endpoint({
  at: `GET ${SESSIONS}`,
  what: 'The open sessions of the account in every protocol, newest first',
  who: 'a full session',
  in: { query },
  out: z.object({ items: z.array(item) }),
  does: async (ctx, _input, signed) => ({
    items: (await listSessions(ctx, signed)).map((session) => shown(session, signed.session.id)),
  }),
})

const end = endpoint({
  at: `DELETE ${SESSIONS}/{id}`,
  what: 'End one of them; to end this one is to sign out',
  who: 'a full session',
  takes: 'json',
  in: { query, path: idPath, body: noBody },
  async does(ctx, { path }, signed, incoming) {
    const { origin } = incoming
    if (path.id !== signed.session.id) return endOwnSession(ctx, { signed, id: path.id, origin })
    await endSession(ctx, signed.session, origin)
    dropCookie(ctx, incoming)
  },
})

const endOthers = endpoint({
  at: `DELETE ${SESSIONS}`,
  what: 'End all of them but this one',
  who: 'a full session',
  takes: 'json',
  in: { query, body: noBody },
  does: (ctx, _input, signed, { origin }) => endOtherSessions(ctx, { signed, origin }),
})

export const sessionEndpoints = [list, end, endOthers]
