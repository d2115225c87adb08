import type { Context } from '#src/context.ts'
import type { Origin } from '#src/domain/caller.ts'
import { accountLines } from '#src/domain/discovery/discovery.ts'
import { inOurWords, type Proof } from '#src/domain/keys/keys.ts'
import type { Signed } from '#src/domain/sessions/sessions.ts'
import { joinedBytes } from '#src/lib/joined-bytes.ts'
import type { WholeView } from '#src/lib/mime/view.ts'
import { type DecryptedMail, decryptMail } from './reading.ts'

export interface ViewedMail extends WholeView {
  mail: Omit<DecryptedMail, 'message'>
}

// Each takes several times the size of a mail: who asks for many at once waits for himself.
const lines = accountLines(1)

/**
 * Opens a mail, and works out what people are shown of it, with its attachments; nothing readable is kept. Refuses like
 * `decryptMail`, and with 'mail.unreadable' one that takes too long.
 */
export const viewMail = (
  ctx: Context,
  opening: { signed: Signed; message: Uint8Array; proof: Proof; origin: Origin },
): Promise<ViewedMail> =>
  lines(ctx, opening.signed.account.id, async () => {
    const { message, ...mail } = await decryptMail(ctx, opening)
    const readable = await joinedBytes(message)
    return { mail, ...(await inOurWords(ctx.workers.openpgp.wholeViewOfMail({ message: readable }))) }
  })
