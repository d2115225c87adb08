import { z } from 'zod'
import type { Context } from '#src/context.ts'
import type { Reason } from '#src/domain/refusals.ts'
import { endpoint, type Protocol } from '#src/http/endpoint.ts'
import { jsonAnswer } from '#src/http/json.ts'
import { openApi } from '#src/http/openapi.ts'
import { version } from '#src/lib/version.ts'
import { protocols } from '../protocols.ts'
import { isForGuests, readerOff, refusedPage } from './guest-pages.ts'
import { houseLine } from './page.ts'
import { unsubscribeEndpoints } from './unsubscribe.ts'

const statuses: Partial<Record<Reason, number>> = {
  'endpoint.unknown': 404,
  'method.unsupported': 405,
  'input.too-large': 413,
  'access.denied': 403,
  'rate.exceeded': 429,
  'server.busy': 503,
}

const health = endpoint({
  at: 'GET /healthz',
  what: 'Is the process alive?',
  who: 'anyone',
  limits: { always: true },
  does: async () => new Response('ok\n'),
})

const readiness = endpoint({
  at: 'GET /readyz',
  what: 'Does the database answer, with its schema up to date?',
  who: 'anyone',
  limits: { always: true },
  // Migrations run before the listener opens: whoever can ask has a schema that is up to date.
  does: async (ctx) =>
    (await ctx.database.isReachable())
      ? new Response('ready\n')
      : new Response('the database does not answer\n', { status: 503 }),
})

const welcome = endpoint({
  at: 'GET /',
  what: 'A page for who opens the address in a browser',
  who: 'anyone',
  does: async () =>
    new Response(
      `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Chatelaine</title>
<h1>Chatelaine is running</h1>
<p>This server keeps accounts safe and mail encrypted. It is spoken to by programs; people come to its pages by the links in its mails.</p>
<p><a href="/api/v1/openapi.json">What it understands</a> · <a href="/readyz">Is it ready?</a></p>
</html>
`,
      { headers: { 'Content-Type': 'text/html; charset=utf-8', 'Content-Security-Policy': "default-src 'none'" } },
    ),
})

// Made once: it is derived from what does not change while the server runs.
const descriptions = new Map<string, unknown>()

function described(ctx: Context, protocol: string): unknown {
  const wanted = protocols.filter(({ name }) => protocol === '' || name === protocol)
  if (wanted.length === 0) {
    const names = protocols.map(({ name }) => name).join(', ')
    return jsonAnswer({ error: `There is no such protocol. There are: ${names}.` }, { status: 404 })
  }
  const made = descriptions.get(protocol) ?? openApi(ctx, wanted, version)
  descriptions.set(protocol, made)
  return made
}

const description = endpoint({
  at: 'GET /api/v1/openapi.json',
  what: 'OpenAPI 3.1 of everything, or of one protocol',
  who: 'anyone',
  in: { query: z.object({ protocol: z.string().optional() }) },
  does: async (ctx, { query }) => described(ctx, query.protocol ?? ''),
})

/** What belongs to no wire protocol: health, readiness, the description of the others. */
export const pages: Protocol = {
  name: 'pages',
  title: 'Health, readiness and OpenAPI',
  bases: [''],
  endpoints: () => [welcome, health, readiness, description, readerOff, ...unsubscribeEndpoints],
  caller: async () => null,
  json: { requiresType: false },
  reply: (result) => jsonAnswer(result),
  refuse({ reason }, incoming, ctx) {
    const status = statuses[reason] ?? 400
    return isForGuests(incoming)
      ? refusedPage(incoming, { reason, status, house: houseLine(ctx) })
      : new Response(`${reason}\n`, { status })
  },
  fault: (incoming) =>
    isForGuests(incoming)
      ? refusedPage(incoming, { reason: null, status: 500 })
      : new Response('internal error\n', { status: 500 }),
  headers: () => ({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }),
}
