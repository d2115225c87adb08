import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { inOurWords } from '#src/domain/keys/keys.ts'
import type { OpenedMail } from '#src/lib/openpgp/types.ts'
import type { MailHeader } from './header.ts'
import { oneAtATime } from './lines.ts'
import { type Circle, type MailSignature, signatureOf, widened } from './signers.ts'

interface Sealed {
  message: Uint8Array
  /** unlocked, as far as the mail is encrypted */
  secrets: Uint8Array[]
  header: MailHeader
  circle: Circle
  reader: Account
}

const open = (ctx: Context, { message, secrets, circle: { certificates }, reader }: Sealed): Promise<OpenedMail> =>
  oneAtATime(ctx, reader, () =>
    inOurWords(ctx.workers.openpgp.openMail({ message, secrets, verifyWith: certificates, now: ctx.clock.now() })),
  )

/**
 * Opens a mail and judges its signatures by the keys of the circle; once more when a key that none of them has is found
 * in the world meanwhile. Refuses like the engine's `openMail`, but never for what that second look brings.
 */
export async function openedAndJudged(
  ctx: Context,
  sealed: Sealed,
): Promise<{ opened: OpenedMail; signatures: MailSignature[] }> {
  const { header } = sealed
  const judged = (opened: OpenedMail, circle: Circle) => ({
    opened,
    signatures: opened.signatures.map((verdict) => signatureOf(verdict, header, circle)),
  })
  const opened = await open(ctx, sealed)
  try {
    const circle = await widened(ctx, { ...sealed, verdicts: opened.signatures })
    if (circle) return judged(await open(ctx, { ...sealed, circle }), circle)
  } catch (error) {
    ctx.log.info('signer.not-judged', { account: sealed.reader.id, error })
  }
  return judged(opened, sealed.circle)
}
