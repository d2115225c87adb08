import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { admissions, type BodyKind, type Endpoint, type Protocol } from './endpoint.ts'

const mediaTypes: Record<BodyKind, readonly string[]> = {
  none: [],
  json: ['application/json'],
  form: ['application/x-www-form-urlencoded'],
  'json or form': ['application/json', 'application/x-www-form-urlencoded'],
  'json or list': ['application/json'],
  'form or multipart': ['application/x-www-form-urlencoded', 'multipart/form-data'],
  multipart: ['multipart/form-data'],
  bytes: ['message/rfc822'],
  'multipart or bytes': ['multipart/form-data', 'application/octet-stream'],
}

/** A shape as JSON Schema: as it is sent to us, or as we answer it. */
export const schemaOf = (schema: z.ZodType, io: 'input' | 'output' = 'input'): Record<string, unknown> => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}

function parameters(schema: z.ZodType | undefined, place: 'path' | 'query'): unknown[] {
  if (!schema) return []
  const { properties = {}, required = [] } = schemaOf(schema) as {
    properties?: Record<string, unknown>
    required?: string[]
  }
  return Object.entries(properties).map(([name, own]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    schema: own,
  }))
}

/** What a call that needs a session brings in headers, where the protocol has such. */
function headers({ who }: Endpoint, { described }: Protocol): unknown[] {
  if (!described || who === 'anyone') return []
  const { states, elevated } = admissions[who]
  const header = (name: string, required: boolean) => ({ name, in: 'header', required, schema: { type: 'string' } })
  const token = elevated ? [header(described.elevation, !states.includes('setup'))] : []
  return [header(described.session, false), ...token]
}

function operation(endpoint: Endpoint, protocol: Protocol): unknown {
  const content = (schema: z.ZodType | undefined, types: readonly string[]) =>
    Object.fromEntries(types.map((type) => [type, schema ? { schema: schemaOf(schema) } : {}]))
  const { body } = endpoint.in
  return {
    tags: [protocol.name],
    summary: endpoint.what,
    operationId: `${protocol.name} ${endpoint.at.replace('?', ' by ')}`.replace(/\W+/g, '_'),
    parameters: [
      ...parameters(endpoint.in.path, 'path'),
      ...parameters(endpoint.in.query, 'query'),
      ...headers(endpoint, protocol),
    ],
    ...(body
      ? {
          requestBody: {
            required: !body.safeParse(undefined).success,
            content: content(body, mediaTypes[endpoint.takes]),
          },
        }
      : {}),
    responses: {
      200: {
        description: 'Done',
        ...(endpoint.out ? { content: content(endpoint.out, ['application/json']) } : {}),
      },
      default: {
        description: 'A refusal, in the shape of the protocol',
        ...(protocol.described ? { content: content(protocol.described.refusal, ['application/json']) } : {}),
      },
    },
    'x-who': endpoint.who,
    ...(endpoint.who === 'anyone' ? { security: [] } : { 'x-session-states': admissions[endpoint.who].states }),
  }
}

/** OpenAPI 3.1 of the given protocols, derived from their endpoints; actions of one path become paths with a query. */
export function openApi(ctx: Context, protocols: readonly Protocol[], version: string): unknown {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const protocol of protocols)
    for (const endpoint of protocol.endpoints(ctx)) {
      const [method = '', path = ''] = endpoint.at.split(' ')
      const full = protocol.bases[0] + path
      paths[full] = { ...paths[full], [method.toLowerCase()]: operation(endpoint, protocol) }
    }
  return {
    openapi: '3.1.0',
    info: { title: 'Chatelaine', version, description: protocols.map(({ title }) => title).join('; ') },
    tags: protocols.map(({ name, title }) => ({ name, description: title })),
    paths,
  }
}
