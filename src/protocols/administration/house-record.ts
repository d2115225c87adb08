import { z } from 'zod'
import { exportRecord, type Line, pageOfRecord, soughtBy } from '#src/domain/house/house.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { after, cursorOf, isoTime, limit, moment, placeAt, query } from './house-shapes.ts'
import { recordFormats } from './record-formats.ts'

const filters = query.extend({
  event: z.string().max(64).optional(),
  account: z.string().trim().max(320).optional(),
  actor: z.string().trim().max(320).optional(),
  network: z.string().trim().max(64).optional(),
  protocol: z.string().max(64).optional(),
  from: moment.optional(),
  to: moment.optional(),
})

const Item = z.object({
  id: z.string(),
  at: z.string(),
  event: z.string(),
  account: z.string().nullable(),
  accountAddress: z.string().nullable(),
  actor: z.string().nullable(),
  actorAddress: z.string().nullable(),
  protocol: z.string(),
  network: z.string(),
  detail: z.record(z.string(), z.unknown()),
})

const shown = (line: Line): z.output<typeof Item> => ({
  ...line,
  at: isoTime(line.at),
  detail: JSON.parse(line.detail),
})

const list = endpoint({
  at: 'GET /record',
  what: 'What happened, newest first; `next` of one page is `after` of the next, also where a page is empty',
  who: 'a full session',
  in: { query: filters.extend({ after, limit: limit.default(50) }) },
  out: z.object({ items: z.array(Item), next: z.string().nullable() }),
  async does(ctx, { query }, { account: caller }) {
    const { _h, after, limit, ...wished } = query
    const sought = await soughtBy(ctx, caller, wished)
    const { lines, next } = await pageOfRecord(ctx, sought, { behind: placeAt(after), limit })
    return { items: lines.map(shown), next: cursorOf(next) }
  },
})

const exported = endpoint({
  at: 'GET /record/export',
  what: 'All of what is sought, as a file: CSV for spreadsheets, NDJSON for programs',
  who: 'a full session',
  in: { query: filters.extend({ format: z.enum(['csv', 'ndjson']).default('csv') }) },
  async does(ctx, { query }, { account: caller }, { origin }) {
    const { _h, format, ...wished } = query
    const sought = await soughtBy(ctx, caller, wished)
    const batches = await exportRecord(ctx, { caller, sought, format, origin })
    const { type, head, written } = recordFormats[format]
    const encoder = new TextEncoder()
    const stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => controller.enqueue(encoder.encode(head)),
        async pull(controller) {
          const { value, done } = await batches.next()
          if (done) controller.close()
          else controller.enqueue(encoder.encode(value.map(written).join('')))
        },
        async cancel() {
          await batches.return(undefined)
        },
      },
      // Nothing is read before somebody takes it.
      { highWaterMark: 1 },
    )
    const day = isoTime(ctx.clock.now()).slice(0, 10)
    return new Response(stream, {
      headers: { 'Content-Type': type, 'Content-Disposition': `attachment; filename="record-${day}.${format}"` },
    })
  },
})

export const recordEndpoints = [list, exported]
