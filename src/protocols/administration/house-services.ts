import { z } from 'zod'
import { judgeOperator } from '#src/domain/operating.ts'
import {
  changeSecret,
  describeSiblings,
  namesOfSecrets,
  ourselves,
  removeSecret,
} from '#src/domain/services/services.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { isoOrNull, query } from './house-shapes.ts'

const Sibling = z.object({
  type: z.string(),
  publicUri: z.string(),
  privateUri: z.string(),
  source: z.enum(['named', 'heartbeat', 'kafka']),
  version: z.string(),
  until: z.string().nullable(),
})

const services = endpoint({
  at: 'GET /services',
  what: 'The sibling services that are known, whether mail servers have a key of their own, and the names of the secrets',
  who: 'a full session',
  in: { query },
  out: z.object({
    ourselves: z.object({ type: z.string(), publicUri: z.string(), privateUri: z.string().nullable() }),
    siblings: z.array(Sibling),
    kafka: z.object({ brokers: z.int(), topic: z.string() }).nullable(),
    mailServers: z.object({ hasOwnKey: z.boolean() }),
    secrets: z.array(z.string()).nullable(),
  }),
  async does(ctx, _input, { account }) {
    judgeOperator(account)
    const { kafkaBrokers, kafkaTopic, mailServerKey } = ctx.config
    const isRoot = account.role === 'root'
    return {
      ourselves: ourselves(ctx),
      // Where services are reached inside is root's to see, as in the OpenWiFi protocol.
      siblings: (await describeSiblings(ctx)).map(({ until, privateUri, ...rest }) => ({
        ...rest,
        privateUri: isRoot ? privateUri : '',
        until: isoOrNull(until),
      })),
      kafka: kafkaBrokers.length > 0 ? { brokers: kafkaBrokers.length, topic: kafkaTopic } : null,
      mailServers: { hasOwnKey: mailServerKey !== undefined },
      secrets: isRoot ? await namesOfSecrets(ctx, account) : null,
    }
  },
})

const path = z.strictObject({ name: z.string().regex(/^[A-Za-z0-9._-]{1,128}$/) })

const keep = endpoint({
  at: 'PUT /secrets/{name}',
  what: 'Keep a secret that services ask for; its value travels in the body, where no log of a proxy has it',
  who: 'a full, elevated session',
  in: { path, query, body: z.strictObject({ value: z.string().min(1).max(4096) }) },
  async does(ctx, { path, body }, { account: caller }, { origin }) {
    await changeSecret(ctx, { caller, secret: { name: path.name, value: body.value }, origin })
  },
})

const forget = endpoint({
  at: 'DELETE /secrets/{name}',
  what: 'Forget a secret; one that was not there is fine',
  who: 'a full, elevated session',
  in: { path, query },
  async does(ctx, { path }, { account: caller }, { origin }) {
    await removeSecret(ctx, { caller, name: path.name, origin })
  },
})

export const servicesEndpoints = [services, keep, forget]
