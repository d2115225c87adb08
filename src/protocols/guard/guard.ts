import type { Protocol } from '#src/http/endpoint.ts'

export const guard: Protocol = {
  name: 'guard',
  title: 'guard',
  bases: ['/api/v1'],
  endpoints: () => [],
  caller: async () => null,
  json: { requiresType: false },
  reply: (result) => Response.json(result),
  refuse: (refusal) => Response.json({ reason: refusal.reason }, { status: 400 }),
  fault: () => new Response(null, { status: 500 }),
  headers: () => ({}),
}
