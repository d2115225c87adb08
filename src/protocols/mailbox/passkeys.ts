import { z } from 'zod'
import { revokePasskey } from '#src/domain/factors/factors.ts'
import {
  listPasskeys,
  type Passkey,
  proofOptions,
  registerPasskey,
  registrationOptions,
  renamePasskey,
} from '#src/domain/passkeys/passkeys.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { assertion, attestation, largestAnswer, options } from './passkey-shapes.ts'
import { offerOthers } from './sessions.ts'
import { idPath, named, noBody, query, recoveryCodes, stamp } from './shapes.ts'
import { turnOffBy, turnOnBy } from './two-factor.ts'

const item = z.object({
  id: z.string(),
  name: z.string(),
  createdDate: z.string(),
  lastUsedDate: z.string(),
  synced: z.boolean(),
})

const shown = ({ id, name, created, last_used, synced }: Passkey): z.output<typeof item> => ({
  id,
  name,
  createdDate: stamp(created),
  lastUsedDate: stamp(last_used),
  synced: synced === 1,
})

const list = endpoint({
  at: 'GET /account/security/passkeys',
  what: 'The passkeys of the account; they are no methods, and the list of those does not have them',
  who: 'full or setup',
  in: { query },
  out: z.object({ items: z.array(item) }),
  does: async (ctx, _input, { account }) => ({ items: (await listPasskeys(ctx, account)).map(shown) }),
})

const begin = endpoint({
  at: 'POST /account/security/passkeys/options',
  what: 'What navigator.credentials.create() needs, as PublicKeyCredentialCreationOptionsJSON',
  who: 'full or setup, elevated',
  takes: 'json',
  in: { query, body: noBody },
  out: options,
  does: (ctx, _input, { account, session }) => registrationOptions(ctx, { account, sessionId: session.id }),
})

const register = endpoint({
  at: 'POST /account/security/passkeys',
  what: 'Keep the passkey that the browser has made; the response is its toJSON()',
  who: 'full or setup, elevated',
  in: { query, body: z.strictObject({ name: named.optional(), response: attestation }) },
  out: z.object({ id: z.string() }),
  limits: largestAnswer,
  async does(ctx, { body: { name, response } }, signed, incoming) {
    const { account, session } = signed
    const { origin } = incoming
    const id = await registerPasskey(ctx, { account, sessionId: session.id, answer: response, name, origin })
    await offerOthers(ctx, signed, incoming)
    return { id }
  },
})

const rename = endpoint({
  at: 'PUT /account/security/passkeys/{id}',
  what: 'Give a passkey another name',
  who: 'a full session',
  in: { query, path: idPath, body: z.strictObject({ name: named }) },
  does: (ctx, { path, body }, { account }) => renamePasskey(ctx, { account, id: path.id, name: body.name }),
})

const remove = endpoint({
  at: 'DELETE /account/security/passkeys/{id}',
  what: 'Remove a passkey; the last thing that the second step needs stays while 2-step verification is active',
  who: 'a full, elevated session',
  takes: 'json',
  in: { query, path: idPath, body: noBody },
  async does(ctx, { path }, signed, incoming) {
    await revokePasskey(ctx, { account: signed.account, id: path.id, origin: incoming.origin })
    await offerOthers(ctx, signed, incoming)
  },
})

const beginProof = endpoint({
  at: 'POST /account/security/passkeys/proof',
  what: 'What navigator.credentials.get() needs to prove a passkey in this session, for the second step above all',
  who: 'full, setup or required',
  takes: 'json',
  in: { query, body: noBody },
  out: options,
  does: (ctx, _input, { account, session }) => proofOptions(ctx, { account, sessionId: session.id }),
})

const proof = z.strictObject({ response: assertion })

const TURN_ON = 'POST /account/security/2fa/passkey'

const turnOn = endpoint({
  at: TURN_ON,
  what: 'Turn 2-step verification on with a passkey; the recovery codes are shown this once',
  who: 'full or setup, elevated',
  in: { query, body: proof },
  out: recoveryCodes,
  limits: largestAnswer,
  does: (ctx, { body }, signed, incoming) =>
    turnOnBy(ctx, TURN_ON, { shown: { passkey: body.response }, signed, incoming }),
})

const turnOff = endpoint({
  at: 'DELETE /account/security/2fa/passkey',
  what: 'Turn 2-step verification off with a passkey, and void the recovery codes; methods and passkeys stay',
  who: 'a full, elevated session',
  in: { query, body: proof },
  limits: largestAnswer,
  does: (ctx, { body }, signed, incoming) => turnOffBy(ctx, { shown: { passkey: body.response }, signed, incoming }),
})

export const passkeyEndpoints = [list, begin, register, beginProof, rename, remove, turnOn, turnOff]
