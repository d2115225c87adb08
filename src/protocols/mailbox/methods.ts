import { z } from 'zod'
import {
  activateFactor,
  beginFactor,
  type Factor,
  kindOf,
  listFactors,
  revokeEveryFactor,
  revokeFactor,
  sendFactorCode,
  setupUri,
} from '#src/domain/factors/factors.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { offerOthers } from './sessions.ts'
import { idPath, noBody, query, stamp } from './shapes.ts'
import { onlyScope } from './states.ts'

const kind = z.enum(['sms', 'email', 'authApp'])
const scope = z.enum(['general', '2fa', 'usernameRecovery', 'passwordRecovery'])

const item = z.object({ id: z.string(), method: kind, target: z.string(), lastUsedDate: z.string() })

const shown = (factor: Factor): z.output<typeof item> => ({
  id: factor.id,
  method: factor.kind as z.output<typeof kind>,
  target: kindOf(factor.kind).shown(factor.target),
  lastUsedDate: stamp(factor.last_used),
})

const list = endpoint({
  at: 'GET /account/security/methods',
  what: 'The active security methods that serve a purpose',
  who: 'full, setup or required',
  in: { query: query.extend({ scope: scope.default('general') }) },
  out: z.object({ items: z.array(item) }),
  async does(ctx, { query }, { account, session }) {
    const only = onlyScope(session)
    if (only && query.scope !== only) throw new Refusal('session.partial')
    return { items: (await listFactors(ctx, account, query.scope)).map(shown) }
  },
})

const create = endpoint({
  at: 'POST /account/security/methods',
  what: 'Begin a security method; the session keeps it until it is activated',
  who: 'full or setup, elevated',
  in: { query, body: z.strictObject({ method: kind, target: z.string().optional() }) },
  out: z.object({ id: z.string() }),
  does: async (ctx, { body }, { account, session }) => ({
    id: await beginFactor(ctx, { account, sessionId: session.id, kind: body.method, target: body.target }),
  }),
})

const qr = endpoint({
  at: 'GET /account/security/methods/{id}/qr',
  what: 'The QR code of an authenticator that is being set up, as SVG; as JSON for who cannot scan',
  who: 'full or setup, elevated',
  in: { query, path: idPath },
  async does(ctx, { path }, { account, session }, { headers }) {
    const { secret, uri } = await setupUri(ctx, { account, sessionId: session.id, id: path.id })
    if (/^application\/json\b/i.test(headers.get('accept') ?? '')) return { secret, otpauthUri: uri }
    // Loaded when the first code is drawn: a start should not wait for it.
    const { toString: draw } = await import('qrcode')
    return new Response(await draw(uri, { type: 'svg', errorCorrectionLevel: 'M' }), {
      headers: { 'Content-Type': 'image/svg+xml' },
    })
  },
})

const sendToken = endpoint({
  at: 'POST /account/security/methods/{id}/sendtoken',
  what: 'Send a token by mail or SMS: to activate a method, or for the second step',
  who: 'full, setup or required',
  takes: 'json',
  in: { query, path: idPath, body: noBody },
  async does(ctx, { path }, { account, session }) {
    const only = onlyScope(session)
    if (only && !(await listFactors(ctx, account, only)).some(({ id }) => id === path.id))
      throw new Refusal('factor.unknown')
    await sendFactorCode(ctx, { account, sessionId: session.id, id: path.id })
  },
})

const activate = endpoint({
  at: 'POST /account/security/methods/{id}/activate',
  what: 'Activate a security method with its first token; it keeps its id',
  who: 'full or setup, elevated',
  in: { query, path: idPath, body: z.strictObject({ totpToken: z.string() }) },
  async does(ctx, { path, body }, signed, incoming) {
    const { account, session } = signed
    const { origin } = incoming
    await activateFactor(ctx, { account, sessionId: session.id, id: path.id, code: body.totpToken, origin })
    await offerOthers(ctx, signed, incoming)
  },
})

const revoke = endpoint({
  at: 'DELETE /account/security/methods/{id}',
  what: 'Remove a security method, or forget one that is not active yet',
  who: 'a full, elevated session',
  takes: 'json',
  in: { query, path: idPath, body: noBody },
  async does(ctx, { path }, signed, incoming) {
    const { account, session } = signed
    await revokeFactor(ctx, { account, sessionId: session.id, id: path.id, origin: incoming.origin })
    await offerOthers(ctx, signed, incoming)
  },
})

const revokeAll = endpoint({
  at: 'DELETE /account/security/methods',
  what: 'Remove every security method; while 2-step verification is active, only if a passkey remains for it',
  who: 'a full, elevated session',
  takes: 'json',
  in: { query, body: noBody },
  async does(ctx, _input, signed, incoming) {
    await revokeEveryFactor(ctx, { account: signed.account, origin: incoming.origin })
    await offerOthers(ctx, signed, incoming)
  },
})

export const methodEndpoints = [list, create, qr, sendToken, activate, revoke, revokeAll]
