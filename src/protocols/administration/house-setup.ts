import { z } from 'zod'
import { noteBackup, setupOf } from '#src/domain/house/house.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { query } from './house-shapes.ts'

const Item = z.object({
  code: z.string(),
  state: z.enum(['ok', 'advice', 'missing']),
  settings: z.array(z.string()),
  facts: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
})

const setup = endpoint({
  at: 'GET /setup',
  what: 'What is set up and what is not: mail, SMS, TLS, backup and so on',
  who: 'a full session',
  in: { query },
  out: z.object({ items: z.array(Item) }),
  async does(ctx, _input, { account }) {
    return { items: await setupOf(ctx, account) }
  },
})

const backup = endpoint({
  at: 'POST /backups',
  what: 'Say that a backup of the database or of the key file was made just now',
  who: 'a full session',
  in: { query, body: z.strictObject({ of: z.enum(['database', 'key-file']) }) },
  async does(ctx, { body }, { account }, { origin }) {
    await noteBackup(ctx, { caller: account, of: body.of, origin })
  },
})

export const setupEndpoints = [setup, backup]
