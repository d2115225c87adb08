import { availableParallelism } from 'node:os'
import { z } from 'zod'
import { listProcesses } from '#src/domain/house/house.ts'
import { judgeOperator } from '#src/domain/operating.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { type Sample as Measured, SAMPLE_EVERY } from '#src/lib/measures.ts'
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

const Process = z.object({
  id: z.string(),
  host: z.string(),
  pid: z.int(),
  worker: z.int(),
  version: z.string(),
  node: z.string(),
  started: z.string(),
  seen: z.string(),
  gone: z.boolean(),
  samples: z.array(Sample),
})

// More than any house has: a query of thousands would be work for nothing.
const KNOWN_AT_MOST = 128

const known = z
  .string()
  .default('')
  .transform((text) => (text === '' ? [] : text.split(',')))
  .pipe(z.array(z.string().regex(/^[\w-]{1,64}:\d{1,12}$/)).max(KNOWN_AT_MOST))
  .transform(
    (parts) => new Map(parts.map((part) => part.split(':') as [string, string]).map(([id, seq]) => [id, +seq])),
  )

const shown = (sample: Measured) => ({ ...sample, at: isoTime(sample.at) })

const measures = endpoint({
  at: 'GET /measures',
  what: 'How this process (`samples`) and each of the house (`processes`) fared in the last quarter of an hour, in intervals; `after` leaves out what is known of this one already, and `known` what is known of each, as id:seq,id:seq',
  who: 'a full session',
  in: {
    query: query.extend({
      after: z
        .string()
        .regex(/^\d{1,12}$/)
        .transform(Number)
        .default(0),
      known,
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
    process: z.string(),
    processes: z.array(Process),
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
      samples: ctx.house.measures.after(query.after).map(shown),
      process: ctx.house.process.id,
      processes: (await listProcesses(ctx, query.known)).map(({ started, seen, isGone, samples, ...own }) => ({
        ...own,
        started: isoTime(started),
        seen: isoTime(seen),
        gone: isGone,
        samples: samples.map(shown),
      })),
    }
  },
})

export const measuresEndpoints = [measures]
