import { z } from 'zod'
import { type Announcement, type Ourselves, serviceUri } from '#src/domain/services/services.ts'
import { readSibling, serviceId } from './sibling.ts'

/** What services tell each other on the message bus, as far as it concerns us. */
export type ServiceEvent = { says: 'here'; announcement: Announcement } | { says: 'gone'; privateUri: string }

// A service has a few hundred bytes to say.
const LONGEST = 16_384

const Wire = z.object({
  event: z.string(),
  type: z.unknown().optional(),
  publicEndPoint: z.unknown().optional(),
  privateEndPoint: z.unknown().optional(),
  version: z.unknown().optional(),
  key: z.unknown().optional(),
})

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    return null
  }
}

/**
 * Reads a message of the bus; null for whatever we need not know or cannot read. Anybody may write anything there, and
 * what others say of their tokens is not for us: we remember none but our own.
 */
export function readEvent(bytes: Uint8Array): ServiceEvent | null {
  if (bytes.length > LONGEST) return null
  const { data } = Wire.safeParse(parsed(bytes))
  if (!data) return null
  const { event, publicEndPoint: publicUri, privateEndPoint: privateUri, ...rest } = data
  if (event === 'leave') {
    const uri = typeof privateUri === 'string' ? serviceUri(privateUri) : null
    return uri === null ? null : { says: 'gone', privateUri: uri }
  }
  if (event !== 'join' && event !== 'keep-alive') return null
  const announcement = readSibling({ ...rest, publicUri, privateUri })
  return announcement && { says: 'here', announcement }
}

/** What messages of ours are filed under: those of one service keep their order. */
export const messageKey = ({ privateUri, publicUri }: Ourselves): string => privateUri ?? publicUri

const signed = (event: string, own: Ourselves) => ({
  event,
  id: serviceId(messageKey(own)),
  type: own.type,
  publicEndPoint: own.publicUri,
  privateEndPoint: messageKey(own),
})

/** That we are here, still here, or going; with the key that we are to be called with. */
export const presence = (
  event: 'join' | 'keep-alive' | 'leave',
  own: Ourselves,
  { key, version }: { key: string; version: string },
): string => JSON.stringify({ ...signed(event, own), key, version })

/** That whoever remembers a token as good is to forget it. */
export const tokenEnded = (own: Ourselves, token: string): string =>
  JSON.stringify({ ...signed('remove-token', own), token })
