import { callerOf } from '#src/http/any-session.ts'
import type { Protocol } from '#src/http/endpoint.ts'
import { jsonAnswer } from '#src/http/json.ts'
import { fault } from '#src/http/mail-refusals.ts'
import { houseEndpoints } from './house.ts'
import { peopleEndpoints } from './people.ts'
import { refuse } from './refuse.ts'

/** What administrators and the support desk do that none of the three protocols has calls for (docs/administration.md). */
export const administration: Protocol = {
  name: 'administration',
  title: 'Administration: people, outbox, record, system',
  bases: ['/api/v1/admin'],
  endpoints: () => [...peopleEndpoints, ...houseEndpoints],
  caller: callerOf,
  elevation: ({ headers }) => headers.get('x-axigen-security-token'),
  json: { requiresType: false },
  reply: (result) => (result === undefined ? new Response(null) : jsonAnswer(result)),
  refuse,
  fault,
  headers: () => ({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }),
}
