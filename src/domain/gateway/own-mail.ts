import type { Context } from '#src/context.ts'
import { isOurMessage } from '#src/domain/messages/messages.ts'
import { headerValue, type SplitMessage } from '#src/lib/mime/message.ts'

/**
 * Did this house write a mail itself? Codes, links and new key passwords must be readable for whoever cannot read what is
 * encrypted. Known by its id, which nobody else knows before it comes, and its one recipient.
 */
export async function isOurOwn(ctx: Context, header: SplitMessage, recipients: readonly string[]): Promise<boolean> {
  const [, id] = /^<([\w-]{36})@/.exec(headerValue(header, 'message-id') ?? '') ?? []
  const [recipient] = recipients
  return id !== undefined && recipient !== undefined && recipients.length === 1 && isOurMessage(ctx, id, recipient)
}
