import type { Context } from '#src/context.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Endpoint, Incoming, Protocol } from './endpoint.ts'

/** The endpoints of one path: by method, and by action where the protocol dispatches so. */
export interface Place {
  protocol: Protocol
  methods: Map<string, Map<string, Endpoint>>
  /** what its calls are counted under */
  name: string
}

const newPlace = (protocol: Protocol, name: string): Place => ({ protocol, methods: new Map(), name })

/** All paths of some protocols. */
export function placesOf(ctx: Context, protocols: readonly Protocol[]): Map<string, Place> {
  const places = new Map<string, Place>()
  for (const protocol of protocols)
    for (const base of protocol.bases)
      for (const endpoint of protocol.endpoints(ctx)) {
        const [method = '', rest = ''] = endpoint.at.split(' ')
        const [path = '', query = ''] = rest.split('?')
        const action = query.replace(/^action=/, '')
        const full = base + path.replace(/\{(\w+)\}/g, ':$1')
        const place = places.get(full) ?? newPlace(protocol, full)
        if (place.protocol !== protocol) throw new Error(`${full} belongs to two protocols`)
        const actions = place.methods.get(method) ?? new Map<string, Endpoint>()
        if (actions.has(action)) throw new Error(`${endpoint.at} is there twice`)
        places.set(full, { ...place, methods: place.methods.set(method, actions.set(action, endpoint)) })
      }
  return places
}

/** The endpoint that a request is for. Refuses with 'method.unsupported' and 'endpoint.unknown'. */
export function pick(place: Place, incoming: Incoming): Endpoint {
  const actions = place.methods.get(incoming.method)
  if (!actions) {
    incoming.answer.set('Allow', [...place.methods.keys()].join(', '))
    throw new Refusal('method.unsupported')
  }
  const plain = actions.get('')
  if (plain) return plain
  const action = incoming.url.searchParams.get('action') ?? ''
  const found = actions.get(action)
  if (found) return found
  const elsewhere = [...place.methods.values()].some((others) => others.has(action))
  throw new Refusal(elsewhere ? 'method.unsupported' : 'endpoint.unknown', { params: ['action'] })
}

const firstSegment = (path: string): string => path.split(/[/?]/)[1] ?? ''

/**
 * Tells whose words an unknown path is answered in: of the protocols with the longest base that it lies under, the one
 * that knows its next segment, else the first.
 */
export function strangersPlaces(protocols: readonly Protocol[], ctx: Context): (pathname: string) => Place {
  const tongues = protocols.map((protocol) => ({
    place: newPlace(protocol, ''),
    bases: protocol.bases,
    knows: new Set(protocol.endpoints(ctx).map(({ at }) => firstSegment(at.split(' ')[1] ?? ''))),
  }))
  return (pathname) => {
    const basesOver = ({ bases }: Pick<Protocol, 'bases'>) => bases.filter((base) => pathname.startsWith(`${base}/`))
    const longest = Math.max(...tongues.flatMap(basesOver).map(({ length }) => length))
    const near = tongues.filter((tongue) => basesOver(tongue).some(({ length }) => length === longest))
    const wanted = firstSegment(pathname.slice(longest))
    return (near.find(({ knows }) => knows.has(wanted)) ?? near[0] ?? tongues[0]!).place
  }
}
