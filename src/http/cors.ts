import type { Context } from '#src/context.ts'
import type { Incoming } from './endpoint.ts'

const KEPT_SECONDS = '600'

/** Which headers pages of other origins may send, and which of ours they may read. */
export interface CorsNames {
  request: string
  answer: string
}

/** Which pages of other origins may read our answers. With `*` a browser must not send cookies along. */
export function corsHeaders({ headers }: Incoming, { config }: Context, { answer }: CorsNames): Record<string, string> {
  if (config.corsOrigin === 'none') return {}
  const exposed = { 'Access-Control-Expose-Headers': answer }
  if (config.corsOrigin === '*') return { 'Access-Control-Allow-Origin': '*', ...exposed }
  // The answer differs by origin: caches must know, also when this one is not welcome.
  if (headers.get('origin') !== config.corsOrigin) return { Vary: 'Origin' }
  return {
    Vary: 'Origin',
    'Access-Control-Allow-Origin': config.corsOrigin,
    'Access-Control-Allow-Credentials': 'true',
    ...exposed,
  }
}

/** The answer to OPTIONS. The permission itself is in `corsHeaders`, which every answer gets. */
export function preflight(
  incoming: Incoming,
  { ctx, methods, names }: { ctx: Context; methods: readonly string[]; names: CorsNames },
): Response {
  const isWelcome = 'Access-Control-Allow-Origin' in corsHeaders(incoming, ctx, names)
  const permission = {
    'Access-Control-Allow-Methods': methods.join(', '),
    'Access-Control-Allow-Headers': names.request,
    'Access-Control-Max-Age': KEPT_SECONDS,
  }
  const allow = { Allow: [...methods, 'OPTIONS'].join(', ') }
  return new Response(null, { status: 204, headers: isWelcome ? { ...allow, ...permission } : allow })
}
