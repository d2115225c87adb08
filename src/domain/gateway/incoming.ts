import type { Context } from '#src/context.ts'
import { type Account, findByAddress } from '#src/domain/accounts/accounts.ts'
import { currentCertificate, isEncryptedAtRest } from '#src/domain/keys/keys.ts'
import { sealMessage } from '#src/domain/mail/mail.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { mailboxOf } from '#src/lib/mail-address.ts'
import { isEncryptedAlready } from '#src/lib/mime/already-encrypted.ts'
import { HEADER_BYTES, splitMessage } from '#src/lib/mime/message.ts'
import { rewrittenHeader } from '#src/lib/mime/rewritten.ts'
import { PoolBusy } from '#src/lib/openpgp/refusals.ts'
import { QueueFull } from '#src/lib/queue.ts'
import { handOn, type Parcel } from './handing-on.ts'
import { isOurOwn } from './own-mail.ts'
import { stampFor } from './stamps.ts'
import type { MailRow } from './store.ts'

/** The owner of a mailbox here who wants what comes for him encrypted. */
async function keeperAt(ctx: Context, recipient: string): Promise<Account | null> {
  const { gatewayIncoming } = ctx.config
  if (gatewayIncoming === 'off') return null
  const owner = (await findByAddress(ctx, recipient)) ?? (await findByAddress(ctx, mailboxOf(recipient)))
  if (!owner) return null
  return gatewayIncoming === 'all' || (await isEncryptedAtRest(ctx, owner)) ? owner : null
}

/** Busy is no reason to leave a mail in the clear: it waits. */
const isBusy = (error: unknown): boolean =>
  error instanceof PoolBusy || error instanceof QueueFull || isRefusal(error, 'server.busy')

// A fault of ours may be over in a minute; one that stays must not keep a mail for days.
const FAULTS = 6

/**
 * A mail as its reader alone can open it; null where that cannot be: then he gets it as it came. Throws what may be over
 * the next time.
 */
async function sealedFor(
  ctx: Context,
  account: Account,
  { message, attempts }: { message: Uint8Array; attempts: number },
): Promise<Uint8Array | null> {
  try {
    const current = await currentCertificate(ctx, account.email)
    if (!current) return null
    const named = [{ address: account.email, certificate: current.certificate }]
    return await sealMessage(ctx, {
      account,
      message,
      certificates: { named, own: [], hidden: [] },
      options: { autocrypt: false, protect: true, attachKey: false, format: 'mime' },
    })
  } catch (error) {
    if (isBusy(error) || (!isRefusal(error) && attempts < FAULTS)) throw error
    ctx.log.warn('gateway.not-sealed', { account: account.id, reason: isRefusal(error) ? error.reason : String(error) })
    return null
  }
}

/**
 * Hands on a mail that comes in: to each owner of a mailbox here who wants it so a copy that only his key opens, to
 * everybody else as it came. That keeps a mailbox from being read by whoever gets at its files; no mail is lost or comes
 * back because of it.
 */
export async function letIn(ctx: Context, mail: MailRow, message: Uint8Array): Promise<void> {
  const recipients = JSON.parse(mail.recipients) as string[]
  const header = splitMessage(message.subarray(0, HEADER_BYTES))
  const added = stampFor(ctx, 'in', header)
  const stamped = await rewrittenHeader(message, { added })
  const isLeft = isEncryptedAlready(message) || (await isOurOwn(ctx, header, recipients))
  const keepers = new Map<string, { account: Account; addresses: string[] }>()
  const rest: string[] = []
  for (const address of recipients) {
    const account = isLeft ? null : await keeperAt(ctx, address)
    if (!account) rest.push(address)
    else if (keepers.has(account.id)) keepers.get(account.id)!.addresses.push(address)
    else keepers.set(account.id, { account, addresses: [address] })
  }
  const parcels: Parcel[] = []
  for (const { account, addresses } of keepers.values()) {
    const sealed = await sealedFor(ctx, account, { message: stamped, attempts: mail.attempts })
    if (sealed) parcels.push({ recipients: addresses, message: sealed })
    else rest.push(...addresses)
  }
  await handOn(ctx, mail, { parcels: [...parcels, { recipients: rest, message: stamped }] })
}
