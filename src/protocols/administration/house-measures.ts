import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { judgeOperator } from '#src/domain/operating.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { SAMPLE_EVERY } from '#src/lib/measures.ts'
import { version } from '#src/lib/version.ts'
import { isoTime, query } from './house-shapes.ts'

const atWork = z.object({ waiting: z.int(), running: z.int() })

const Sample = z.object({
  seq: z.int(),
  at: z.string(),
  signIns: z.object({ done: z.int(), failed: z.int() }),
  requests: z.int(),
  refusals: z.record(z.string(), z.int()),
  latency: z.object({ median: z.number(), p95: z.number(), p99: z.number() }).nullable(),
  eventLoop: z.object({ median: z.number(), p99: z.number() }),
  memory: z.object({ resident: z.int(), heap: z.int() }),
  queues: z.object({
    messages: z.int(),
    deliveries: z.int(),
    passwords: atWork,
    openpgp: atWork.extend({ size: z.int() }),
  }),
})

const measures = endpoint({
  at: 'GET /measures',
  what: 'How this process fared in the last quarter of an hour, in intervals; `after` leaves out what is known already',
  who: 'a full session',
  in: {
    query: query.extend({
      after: z
        .string()
        .regex(/^\d{1,12}$/)
        .transform(Number)
        .default(0),
    }),
  },
  out: z.object({
    version: z.string(),
    node: z.string(),
    database: z.enum(['sqlite', 'postgres']),
    processors: z.int(),
    started: z.string(),
    now: z.string(),
    everySeconds: z.number(),
    samples: z.array(Sample),
  }),
  async does(ctx, { query }, { account }) {
    judgeOperator(account)
    return {
      version,
      node: process.versions.node,
      database: ctx.database.engine,
      processors: availableParallelism(),
      started: isoTime(ctx.house.started),
      now: isoTime(ctx.clock.now()),
      everySeconds: SAMPLE_EVERY / 1000,
      samples: ctx.house.measures.after(query.after).map((sample) => ({ ...sample, at: isoTime(sample.at) })),
    }
  },
})

export const measuresEndpoints = [measures]
