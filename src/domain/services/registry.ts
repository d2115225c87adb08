import type { Context } from '#src/context.ts'
import { type Actor, isService } from '#src/domain/accounts/accounts.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { seats } from '#src/domain/seats.ts'
import { seconds } from '#src/lib/clock.ts'
import { publicBase } from '#src/lib/public-base.ts'
import * as store from './store.ts'

/** A service of the same family, as the others need it. */
export interface Sibling {
  type: string
  /** where people reach it; no slash at the end */
  publicUri: string
  /** where services reach it, and what it is known by */
  privateUri: string
}

/** What a service tells of itself. */
export interface Announcement extends Sibling {
  version: string
  /** what it wants to be called with; null when it told nothing */
  key: string | null
}

/** How somebody learnt of a service: it called us, or it spoke on the message bus. */
export type Source = 'heartbeat' | 'kafka'

// A service that has said nothing for so long is gone.
const LIFE = seconds(120)
// They speak every few seconds; the same word again is written down only this often.
const WRITTEN_EVERY = seconds(15)
const AT_MOST = 200

const OUR_TYPE = 'owsec'

/** What we are called and where we are reached; `privateUri` is null where no listener is open to services. */
export interface Ourselves {
  type: string
  publicUri: string
  privateUri: string | null
}

export function ourselves({ config }: Context): Ourselves {
  const { internalUrl, internalListen, tls } = config
  const privateUri = internalListen ? publicBase({ publicUrl: internalUrl, tls, listen: internalListen }) : null
  return { type: OUR_TYPE, publicUri: publicBase(config), privateUri }
}

const LONGEST_URI = 500

// Nothing in it that could be read as more than a place by whoever gets the list: a shell, a page, a template.
const PLAIN_URI = /^https?:\/\/[\w.:[\]-]+(\/[\w.~:/%-]*)?$/i

/** A base URI as everybody spells it, without slash and API path at its end; null for what is none. */
export function serviceUri(text: string): string | null {
  const url = text.length <= LONGEST_URI && PLAIN_URI.test(text) ? URL.parse(text) : null
  return url && plainBase(url.origin + url.pathname)
}

const plainBase = (text: string): string => text.replace(/\/+(api\/v1\/*)?$/, '')

/** Those that the operator named: `type=public|private`, or `type=public` for one that has no other place. */
export function namedSiblings({ config }: Context): Sibling[] {
  return config.services.flatMap((entry) => {
    const [type = '', uris = ''] = entry.split(/=(.*)/s)
    // What stands before an @ is nobody's to see.
    const [publicUri, privateUri = publicUri] = uris.split('|').map((uri) => serviceUri(uri.replace(/\/\/.*@/, '//')))
    return publicUri && privateUri ? [{ type, publicUri, privateUri }] : []
  })
}

const isOurs = (ctx: Context, { type, publicUri, privateUri }: Sibling): boolean => {
  const own = ourselves(ctx)
  const isAt = (uri: string, ours: string | null) => ours !== null && uri === (serviceUri(ours) ?? ours)
  return isAt(privateUri, own.privateUri) || (type === own.type && isAt(publicUri, own.publicUri))
}

/** Every sibling that is there: those that are named always, the others while they let us hear of them. */
export async function listSiblings(ctx: Context): Promise<Sibling[]> {
  const announced = (await store.liveServices(ctx)).map(
    (row): Sibling => ({
      type: row.type,
      publicUri: row.public_uri,
      privateUri: row.private_uri,
    }),
  )
  const found = new Map<string, Sibling>()
  // What the operator says of a place counts more than what it says of itself.
  for (const sibling of [...announced, ...namedSiblings(ctx)])
    if (!isOurs(ctx, sibling)) found.set(`${sibling.type} ${sibling.privateUri}`, sibling)
  const order = ({ type, publicUri, privateUri }: Sibling) => `${type} ${publicUri} ${privateUri}`
  return [...found.values()].sort((one, other) => (order(one) < order(other) ? -1 : 1))
}

/** A sibling, and how we know of it. */
export interface KnownSibling extends Sibling {
  source: 'named' | Source
  /** as it said; empty for one that said nothing */
  version: string
  /** when it is forgotten unless it speaks again; null for one that is named */
  until: number | null
}

/** Every sibling that is there, with how we know of it: for those who run the house. */
export async function describeSiblings(ctx: Context): Promise<KnownSibling[]> {
  const spoken = new Map((await store.liveServices(ctx)).map((row) => [row.private_uri, row]))
  const named = new Set(namedSiblings(ctx).map(({ privateUri }) => privateUri))
  return (await listSiblings(ctx)).map((sibling) => {
    const row = spoken.get(sibling.privateUri)
    const isNamed = named.has(sibling.privateUri)
    return {
      ...sibling,
      source: isNamed ? 'named' : (row?.source as Source),
      version: row?.version ?? '',
      until: isNamed ? null : (row?.expires ?? null),
    }
  })
}

/** The same for somebody who also gets to see where services are reached; 'access.denied' but for them and root. */
export async function listSiblingsInside(ctx: Context, caller: Actor): Promise<Sibling[]> {
  if (!isService(caller) && caller.role !== 'root') throw new Refusal('access.denied')
  return listSiblings(ctx)
}

/** The key that an announced service told; null for none. */
export async function keyOf(ctx: Context, privateUri: string): Promise<string | null> {
  const sealed = (await store.serviceByUri(ctx, privateUri))?.sealed_key
  return sealed ? ctx.secrets.sealer.open(sealed, seats.service(privateUri)).toString() : null
}

function isKnown(ctx: Context, row: store.ServiceRow, { type, publicUri, version, key }: Announcement): boolean {
  if (row.type !== type || row.public_uri !== publicUri || row.version !== version) return false
  if (row.sealed_key === null || key === null) return row.sealed_key === key
  return ctx.secrets.sealer.open(row.sealed_key, seats.service(row.private_uri)).toString() === key
}

/**
 * Notes that a service is there, for two minutes from now. Our own words come back over the bus, and are passed over.
 * Refuses with 'server.busy' when there are more services than anybody has.
 */
export async function announceService(ctx: Context, said: Announcement, source: Source): Promise<void> {
  if (isOurs(ctx, said)) return
  const now = ctx.clock.now()
  const known = await store.serviceByUri(ctx, said.privateUri)
  if (known && known.expires > now + LIFE - WRITTEN_EVERY && isKnown(ctx, known, said)) return
  const isNew = !known || known.expires <= now
  if (isNew && (await store.countLiveServices(ctx)) >= AT_MOST) throw new Refusal('server.busy', { retryAfter: 120 })
  const { type, publicUri, privateUri, version, key } = said
  await store.keepService(ctx, {
    private_uri: privateUri,
    type,
    public_uri: publicUri,
    version,
    sealed_key: key === null ? null : ctx.secrets.sealer.seal(key, seats.service(privateUri)),
    source,
    expires: now + LIFE,
  })
  if (isNew) ctx.log.info('service.joined', { type, source })
}

/** Notes that a service is gone. One that was not there is fine. */
export const dismissService = async (ctx: Context, privateUri: string): Promise<void> => {
  await store.removeService(ctx, privateUri)
}
