import { z } from 'zod'
import { type Factor, listAuthenticators, nameAuthenticator } from '#src/domain/factors/factors.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { idPath, named, query, stamp } from './shapes.ts'

const item = z.object({ id: z.string(), name: z.string(), createdDate: z.string(), lastUsedDate: z.string() })

const shown = ({ id, name, created, last_used }: Factor): z.output<typeof item> => ({
  id,
  name,
  createdDate: stamp(created),
  lastUsedDate: stamp(last_used),
})

const list = endpoint({
  at: 'GET /account/security/authenticators',
  what: 'The active authenticators with their names, oldest first; each of them is a method too',
  who: 'full or setup',
  in: { query },
  out: z.object({ items: z.array(item) }),
  does: async (ctx, _input, { account }) => ({ items: (await listAuthenticators(ctx, account)).map(shown) }),
})

const rename = endpoint({
  at: 'PUT /account/security/authenticators/{id}',
  what: 'Name an authenticator, an active one or one that this session is setting up',
  who: 'full or setup',
  in: { query, path: idPath, body: z.strictObject({ name: named }) },
  does: (ctx, { path, body }, { account, session }) =>
    nameAuthenticator(ctx, { account, sessionId: session.id, id: path.id, name: body.name }),
})

export const authenticatorEndpoints = [list, rename]
