import { X509Certificate } from 'node:crypto'
import type { Context } from '#src/context.ts'
import { days } from '#src/lib/clock.ts'
import { publicBase } from '#src/lib/public-base.ts'
import type { SetupItem, SetupState } from './setup.ts'

// Enough to have a new one made by hand.
const SOON = days(21)

const isHttpsOutside = ({ config }: Context): boolean => config.publicUrl?.startsWith('https:') ?? false

function certificateState(now: number, expires: number, isSelfMade: boolean): SetupState {
  if (expires <= now) return 'missing'
  return isSelfMade || expires - now < SOON ? 'advice' : 'ok'
}

function tls(ctx: Context): SetupItem {
  const { config } = ctx
  const settings = ['CHATELAINE_TLS']
  const shown = ctx.house.certificate()
  if (shown === null) {
    const isProxied = isHttpsOutside(ctx)
    const facts = { how: isProxied ? 'proxy' : 'off', expires: null }
    return { code: 'tls', state: isProxied ? 'ok' : 'missing', settings, facts }
  }
  const expires = new X509Certificate(shown).validToDate.getTime()
  const isSelfMade = config.tls === 'self-signed'
  const facts = { how: isSelfMade ? 'self-signed' : 'certificate', expires }
  return { code: 'tls', state: certificateState(ctx.clock.now(), expires, isSelfMade), settings, facts }
}

/** How people reach the house: its name, the lock on the line, and who stands between. */
export function reachItems(ctx: Context): SetupItem[] {
  const { publicUrl, trustedProxies } = ctx.config
  const isProxied = isHttpsOutside(ctx) && ctx.house.certificate() === null
  return [
    {
      code: 'public-url',
      state: publicUrl ? 'ok' : 'missing',
      settings: ['CHATELAINE_PUBLIC_URL'],
      facts: { url: publicBase(ctx.config) },
    },
    tls(ctx),
    {
      code: 'trusted-proxies',
      // Without it everybody comes from the proxy's address: one who guesses passwords has all the others wait.
      state: isProxied && trustedProxies.length === 0 ? 'missing' : 'ok',
      settings: ['CHATELAINE_TRUSTED_PROXIES'],
      facts: { inUse: trustedProxies.length > 0, count: trustedProxies.length },
    },
  ]
}
