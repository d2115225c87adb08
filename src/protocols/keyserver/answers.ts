import type { Shown } from '#src/domain/publishing/publishing.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Incoming } from '#src/http/endpoint.ts'
import { sha256 } from '#src/lib/digests.ts'
import { armor } from '#src/lib/openpgp/armor.ts'

/** How long a cache may go without asking again: as long as a revocation may go unseen. */
const FRESH = 'public, max-age=300'

/** Bytes that caches may keep for a while, and ask again whether they are still the same. */
export function cached({ headers }: Incoming, body: Uint8Array | string, type: string): Response {
  const bytes = Buffer.from(body as string)
  const tag = `"${sha256(bytes).slice(0, 32)}"`
  const about = { ETag: tag, 'Cache-Control': FRESH }
  const known = (headers.get('if-none-match') ?? '').split(',').map((one) => one.trim().replace(/^W\//, ''))
  if (known.includes(tag) || known.includes('*')) return new Response(null, { status: 304, headers: about })
  return new Response(bytes, {
    headers: { 'Content-Type': type, 'Content-Length': String(bytes.length), ...about },
  })
}

/** Several certificates in one piece, as a key file has them. Refuses with 'key.unknown' when there is none. */
export function together(keys: readonly Shown[]): Buffer {
  if (keys.length === 0) throw new Refusal('key.unknown')
  return Buffer.concat(keys.map(({ bytes }) => bytes))
}

export const armored = (incoming: Incoming, keys: readonly Shown[]): Response =>
  cached(incoming, armor('PUBLIC KEY BLOCK', together(keys)), 'application/pgp-keys')
