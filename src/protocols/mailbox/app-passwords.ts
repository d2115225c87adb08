import { z } from 'zod'
import {
  type AppPassword,
  listAppPasswords,
  makeAppPassword,
  programScopes,
  removeAppPassword,
  renameAppPassword,
} from '#src/domain/programs/programs.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { idPath, named, noBody, query, stamp } from './shapes.ts'

const scopes = z.array(z.enum(programScopes)).min(1)

const item = z.object({
  id: z.string(),
  name: z.string(),
  scopes,
  createdDate: z.string(),
  lastUsedDate: z.string(),
  lastUsedProtocol: z.string(),
  lastUsedAddress: z.string(),
})

const shown = (one: AppPassword): z.output<typeof item> => ({
  id: one.id,
  name: one.name,
  scopes: one.scopes,
  createdDate: stamp(one.created),
  lastUsedDate: stamp(one.lastUsed),
  lastUsedProtocol: one.lastProtocol,
  lastUsedAddress: one.lastNetwork,
})

const list = endpoint({
  at: 'GET /account/security/apppasswords',
  what: 'The passwords of single programs, and when each was used last',
  who: 'a full session',
  in: { query },
  out: z.object({ items: z.array(item) }),
  does: async (ctx, _input, { account }) => ({ items: (await listAppPasswords(ctx, account)).map(shown) }),
})

const make = endpoint({
  at: 'POST /account/security/apppasswords',
  what: 'Make a password for one program, good for some protocols; it is shown this once',
  who: 'a full, elevated session',
  in: { query, body: z.strictObject({ name: named, scopes }) },
  out: z.object({ id: z.string(), password: z.string() }),
  does: (ctx, { body }, { account }, { origin }) => makeAppPassword(ctx, { account, ...body, origin }),
})

const rename = endpoint({
  at: 'PUT /account/security/apppasswords/{id}',
  what: 'Call an app password something else',
  who: 'a full session',
  in: { query, path: idPath, body: z.strictObject({ name: named }) },
  does: (ctx, { path, body }, { account }) => renameAppPassword(ctx, { account, id: path.id, name: body.name }),
})

const remove = endpoint({
  at: 'DELETE /account/security/apppasswords/{id}',
  what: 'Remove an app password; it opens nothing from then on',
  who: 'a full, elevated session',
  takes: 'json',
  in: { query, path: idPath, body: noBody },
  does: (ctx, { path }, { account }, { origin }) => removeAppPassword(ctx, { account, id: path.id, origin }),
})

export const appPasswordEndpoints = [list, make, rename, remove]
