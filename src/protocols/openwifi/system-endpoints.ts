import { z } from 'zod'
import {
  announceService,
  dismissService,
  listSiblings,
  listSiblingsInside,
  serviceUri,
} from '#src/domain/services/services.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { Done, done } from './done.ts'
import { text } from './input.ts'
import { complaint } from './refuse.ts'
import { readSibling, serviceId } from './sibling.ts'

const systemEndpoints = endpoint({
  at: 'GET /systemEndpoints',
  what: 'Where the other services are, for clients',
  who: 'a session, key or service',
  out: z.object({
    endpoints: z.array(
      z.object({
        authenticationType: z.literal('internal_v1'),
        id: z.int(),
        type: z.string(),
        uri: z.string(),
        vendor: z.string(),
      }),
    ),
  }),
  async does(ctx) {
    const siblings = await listSiblings(ctx)
    return {
      endpoints: siblings.map(({ type, publicUri, privateUri }) => ({
        authenticationType: 'internal_v1',
        id: serviceId(privateUri),
        type,
        uri: publicUri,
        vendor: 'OpenWiFi',
      })),
    }
  },
})

// Of the shape below; it has not changed yet.
const VERSION = 1

const systemServices = endpoint({
  at: 'GET /systemServices',
  what: 'Where the other services are, for services; keys and tokens stay blank',
  who: 'a session, key or service',
  out: z.object({
    key: z.literal(''),
    version: z.int(),
    services: z.array(z.object({ privateURI: z.string(), publicURI: z.string(), token: z.literal('') })),
  }),
  async does(ctx, _input, { account: caller }) {
    const siblings = await listSiblingsInside(ctx, caller)
    const services = siblings.map(({ publicUri, privateUri }) => ({
      privateURI: privateUri,
      publicURI: publicUri,
      token: '',
    }))
    return { key: '', version: VERSION, services }
  },
})

const announce = endpoint({
  at: 'POST /systemServices',
  what: 'A service says that it is there; good for two minutes',
  who: 'a service',
  in: {
    body: z.object({ type: text(), publicURI: text(), privateURI: text(), version: text(), key: text() }),
  },
  out: Done,
  async does(ctx, { body }) {
    const { publicURI: publicUri, privateURI: privateUri, ...rest } = body
    const said = readSibling({ ...rest, publicUri, privateUri })
    if (!said) throw complaint(1018)
    await announceService(ctx, said, 'heartbeat')
    return done('POST')
  },
})

const leave = endpoint({
  at: 'DELETE /systemServices',
  what: 'A service says that it goes',
  who: 'a service',
  in: { query: z.object({ privateURI: text() }) },
  async does(ctx, { query }) {
    const uri = serviceUri(query.privateURI ?? '')
    if (uri === null) throw complaint(1018)
    await dismissService(ctx, uri)
  },
})

/** The list of the other services. */
export const systemServiceLists = [systemEndpoints, systemServices]

/** How a service gets onto it: at the internal listener only. */
export const heartbeat = [announce, leave]
