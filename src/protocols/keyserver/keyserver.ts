import type { Protocol } from '#src/http/endpoint.ts'
import { jsonAnswer } from '#src/http/json.ts'
import { hkpEndpoints } from './hkp.ts'
import { fault, refuse } from './refuse.ts'
import { vksEndpoints } from './vks.ts'
import { wkdEndpoints } from './wkd.ts'

/** Every page may read what everybody may read: pages that look for keys do so from their readers' browsers. */
const everyPage = { 'Access-Control-Allow-Origin': '*' }

/** Where the world finds our people's keys: Web Key Directory, HKP and VKS. Nobody signs in here. */
export const keyserver: Protocol = {
  name: 'keyserver',
  title: 'Web Key Directory, HKP and VKS',
  bases: [''],
  endpoints: (ctx) => [...wkdEndpoints, ...hkpEndpoints(ctx), ...vksEndpoints],
  caller: async () => null,
  json: { requiresType: false },
  reply: (result) => jsonAnswer(result),
  refuse,
  fault,
  headers: () => ({ ...everyPage, 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' }),
  preflight: (_, methods) =>
    new Response(null, {
      status: 204,
      headers: { Allow: [...methods, 'OPTIONS'].join(', '), 'Access-Control-Allow-Methods': methods.join(', ') },
    }),
}
