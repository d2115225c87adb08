import { isIP } from 'node:net'
import type { Context } from '#src/context.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { publicBase } from '#src/lib/public-base.ts'

/** Whom passkeys are bound to (the RP ID), and whose pages may use them. */
export interface RelyingParty {
  id: string
  origins: readonly string[]
}

type Config = Context['config']

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host)

// Browsers bind passkeys to names only; for a bare address there is one, this machine's own.
function idOf({ passkeyDomain }: Config, { hostname }: URL): string | null {
  if (passkeyDomain) return passkeyDomain.toLowerCase()
  if (isLoopback(hostname)) return 'localhost'
  return isIP(hostname.replace(/^\[|\]$/g, '')) === 0 ? hostname : null
}

// What is no web page, an app for example, is named by its operator as it names itself.
const originOf = (text: string): string => (/^https?:/i.test(text) && URL.canParse(text) ? new URL(text).origin : text)

function originsOf({ uiUrl, corsOrigin, passkeyOrigins }: Config, base: URL): string[] {
  const { protocol, hostname, port } = base
  const local = isLoopback(hostname) ? [`${protocol}//localhost${port && `:${port}`}`] : []
  const ui = uiUrl ? [uiUrl] : []
  const cors = ['none', '*'].includes(corsOrigin) ? [] : [corsOrigin]
  return [...new Set([base.origin, ...local, ...[...ui, ...cors, ...passkeyOrigins].map(originOf)])]
}

const known = new WeakMap<Config, RelyingParty | null>()

/** Null where no passkey is possible: people reach this server by a bare address. */
function found({ config, log }: Context): RelyingParty | null {
  const before = known.get(config)
  if (before !== undefined) return before
  const base = new URL(publicBase(config))
  const id = idOf(config, base)
  const party = id === null ? null : { id, origins: originsOf(config, base) }
  known.set(config, party)
  if (!party) log.warn('passkey.off', { host: base.hostname, hint: 'set CHATELAINE_PUBLIC_URL to a name' })
  return party
}

/** Can a passkey be used here at all? */
export const arePasskeysPossible = (ctx: Context): boolean => found(ctx) !== null

/** The domain whose pages can use passkeys here; empty where there is none. */
export const passkeyDomain = (ctx: Context): string => found(ctx)?.id ?? ''

/** Whom passkeys are bound to here. Refuses with 'passkey.off' where none is possible. */
export function relyingParty(ctx: Context): RelyingParty {
  const party = found(ctx)
  if (!party) throw new Refusal('passkey.off')
  return party
}
