import type { Context } from './context.ts'
import { submissionAddress, takeSubmission } from './domain/publishing/publishing.ts'
import { listenForMail, type MailListener } from './drivers/smtp-listener.ts'
import { boundedQueue } from './lib/queue.ts'

const MAIL_BYTES = 128 * 1024
// One after the other: nobody waits for it, and the engine has better to do. Whom the queue has no place for comes again.
const WIDTH = 1
const BOUND = 20

/** Listens for keys that are mailed in for publication; null where the operator wants none. */
export async function startSubmissions(ctx: Context): Promise<MailListener | null> {
  const { wksAddress, wksListen, publishKeys } = ctx.config
  const recipient = submissionAddress(ctx)
  if (wksAddress !== undefined && !recipient) throw new Error('CHATELAINE_WKS_ADDRESS: that is no mail address')
  if (!wksListen && !recipient) return null
  // Else the world would be told an address at which nobody takes anything.
  if (!wksListen)
    throw new Error('CHATELAINE_WKS_ADDRESS: needs CHATELAINE_WKS_LISTEN, where the mails to it are handed over')
  if (!recipient || !publishKeys)
    throw new Error('CHATELAINE_WKS_LISTEN: needs CHATELAINE_WKS_ADDRESS, and CHATELAINE_PUBLISH_KEYS on')
  const queue = boundedQueue(WIDTH, BOUND)
  const take = async (mail: Buffer): Promise<void> => {
    try {
      await queue.run(() => takeSubmission(ctx, mail))
      await ctx.database.durable()
    } catch (error) {
      ctx.log.warn('submission.failed', { error })
      throw error
    }
  }
  const listener = await listenForMail({ at: wksListen, recipient, most: MAIL_BYTES, take })
  wksListen.port = listener.port
  ctx.log.info('listening', { url: `smtp://${wksListen.host}:${wksListen.port}` })
  return listener
}
