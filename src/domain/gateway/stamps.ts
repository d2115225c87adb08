import type { Context } from '#src/context.ts'
import { hmac, isSame } from '#src/lib/digests.ts'
import { headerValue, headerValues, type SplitMessage } from '#src/lib/mime/message.ts'

export type Direction = 'out' | 'in'

const FIELD = 'X-Chatelaine-Gateway'
// As many servers as nobody has in a row; the usual bound of mail servers.
const MOST_HOPS = 50
// Through a list and a forwarding address a mail may well come by twice or three times; in a circle it comes again and again.
const MOST_VISITS = 5

const signed = (ctx: Context, direction: Direction, messageId: string): string =>
  hmac(ctx.secrets.pepper, `gateway stamp ${direction} ${messageId}`).slice(0, 32)

/**
 * The header field that a mail is handed on with. It tells that the mail was here, and spares it nothing: whatever comes
 * is judged by the same rules, stamped or not.
 */
export function stampFor(ctx: Context, direction: Direction, header: SplitMessage): string {
  return `${FIELD}: ${direction} ${signed(ctx, direction, headerValue(header, 'message-id') ?? '')}\r\n`
}

/**
 * Does a mail go in a circle? By the servers that it has passed, and by how often it came here in the same direction.
 * Stamps that are not ours, or of another mail, do not count.
 */
export function isLooping(ctx: Context, direction: Direction, header: SplitMessage): boolean {
  if (header.fields.filter(({ name }) => name === 'received').length > MOST_HOPS) return true
  const ours = `${direction} ${signed(ctx, direction, headerValue(header, 'message-id') ?? '')}`
  const visits = headerValues(header, FIELD.toLowerCase()).filter((value) => isSame(value, ours))
  return visits.length >= MOST_VISITS
}
