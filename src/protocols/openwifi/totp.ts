import { z } from 'zod'
import { enrolAuthenticator, proveAuthenticator } from '#src/domain/factors/factors.ts'
import { type Endpoint, endpoint } from '#src/http/endpoint.ts'
import { judgeElevated } from './callers.ts'
import type { Door } from './doors.ts'
import { flag } from './input.ts'
import { complaint } from './refuse.ts'

const picture = (door: Door) =>
  endpoint({
    at: `GET ${door.totp}`,
    what: 'The QR code of the authenticator that this session enrols, as SVG; with `reset`, of a new one',
    who: 'a full session',
    in: { query: z.object({ reset: flag }) },
    async does(ctx, { query }, caller, incoming) {
      await judgeElevated(ctx, caller, incoming)
      const { account, session } = caller
      const uri = await enrolAuthenticator(ctx, { account, sessionId: session.id, isAnew: query.reset })
      // Loaded when the first code is drawn: a start should not wait for it.
      const { toString: draw } = await import('qrcode')
      return new Response(await draw(uri, { type: 'svg', errorCorrectionLevel: 'M', margin: 4 }), {
        headers: { 'Content-Type': 'image/svg+xml', 'Content-Disposition': 'attachment; filename=qrcode.svg' },
      })
    },
  })

const prove = (door: Door) =>
  endpoint({
    at: `PUT ${door.totp}`,
    what: 'The first, then the second of two different codes of the new authenticator',
    who: 'a full session',
    in: { query: z.object({ index: z.string().optional(), value: z.string().default('') }) },
    out: z.object({ moreCodes: z.boolean(), nextIndex: z.int() }),
    async does(ctx, { query }, caller, incoming) {
      await judgeElevated(ctx, caller, incoming)
      const { account, session } = caller
      if (query.index !== '1' && query.index !== '2') throw complaint(1087)
      const index = query.index === '1' ? 1 : 2
      await proveAuthenticator(ctx, {
        account,
        sessionId: session.id,
        index,
        code: query.value,
        origin: incoming.origin,
      })
      return { moreCodes: index === 1, nextIndex: 2 }
    },
  })

/** Enrolment of an authenticator: it counts as soon as its second code was right. */
export const totp = (door: Door): Endpoint[] => [picture(door), prove(door)]
