import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { inOurWords } from '#src/domain/keys/keys.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { isPlainText } from '#src/lib/mime/inline.ts'
import { BOUNDARY_BYTES } from '#src/lib/mime/multipart.ts'
import { autocryptFields, type NamedReader } from './autocrypt.ts'
import { type MailHeader, readDraftHeader } from './header.ts'
import { oneAtATime } from './lines.ts'
import { attachableKey } from './own-key.ts'

/** What a mail is to bring besides its own content, and in which form. */
export interface MailOptions {
  /** the author's Autocrypt header and, inside an encryption, the keys of the others */
  autocrypt: boolean
  /**
   * RFC 9788: the header inside too, its subject inside alone when encrypted; nothing to an inline mail, which has no
   * place
   */
  protect: boolean
  /** the author's public key as an attachment; in an inline mail it has no place either */
  attachKey: boolean
  format: 'mime' | 'inline'
}

/** The certificates that a mail is encrypted for. */
export interface Readers {
  /** those whom To and Cc name */
  named: readonly NamedReader[]
  /** the author's own */
  own: readonly Uint8Array[]
  /** whose key ids the message does not tell */
  hidden: readonly Uint8Array[]
}

/**
 * A whole mail of an account as OpenPGP makes it unreadable for everybody but `certificates`; signed inside when the
 * unlocked secret key `signWith` is given. Whose mail it is, and who gets it, was judged before. `keepsBlind`: the
 * field Bcc stays inside, for the author's own copies alone. Refuses 'mail.unreadable', 'input.invalid' for what cannot
 * be inline, 'key.unusable', 'input.too-large'; throws `QueueFull` and `PoolBusy`.
 */
export async function sealMessage(
  ctx: Context,
  {
    account,
    message,
    certificates: { named, own, hidden },
    signWith,
    options,
    keepsBlind = false,
  }: {
    account: Account
    message: Uint8Array
    certificates: Readers
    signWith?: Uint8Array | undefined
    options: MailOptions
    keepsBlind?: boolean
  },
): Promise<Uint8Array> {
  const forWhom = {
    recipients: [...named.map(({ certificate }) => certificate), ...own],
    hidden: [...hidden],
    keepsBlind,
    signWith,
  }
  const header = readDraftHeader(message)
  const content = await contentOf(ctx, { account, message, header, named, options })
  return oneAtATime(ctx, account, () => inOurWords(ctx.workers.openpgp.sealMail({ ...content, ...forWhom })))
}

/** The same, but merely signed, and readable for everybody. Refuses like `sealMessage`. */
export async function signMessage(
  ctx: Context,
  {
    account,
    message,
    signWith,
    options,
  }: { account: Account; message: Uint8Array; signWith: Uint8Array; options: MailOptions },
): Promise<Uint8Array> {
  const header = readDraftHeader(message)
  const content = await contentOf(ctx, { account, message, header, named: [], options })
  return oneAtATime(ctx, account, () => inOurWords(ctx.workers.openpgp.signMail({ ...content, signWith })))
}

/** Refuses 'input.invalid' where a mail cannot have the form that is wanted of it. */
export function judgeFormat(message: Uint8Array, { format }: MailOptions): void {
  if (format === 'inline' && !isPlainText(message))
    throw new Refusal('input.invalid', { params: ['format, which may be inline for a single plain text only'] })
}

interface Content {
  account: Account
  message: Uint8Array
  header: MailHeader
  named: readonly NamedReader[]
  options: MailOptions
}

async function contentOf(ctx: Context, { account, message, header, named, options }: Content) {
  const { format, protect } = options
  judgeFormat(message, options)
  // Inside an inline mail is no place for the keys of others.
  const toAll = format === 'mime' ? named : []
  const fields = options.autocrypt
    ? await autocryptFields(ctx, { account, message, header, named: toAll })
    : new Uint8Array()
  const key = options.attachKey && format === 'mime' ? await attachableKey(ctx, account) : null
  const chance = ctx.clock.chance.bytes(BOUNDARY_BYTES)
  return { message, fields, format, protect, key: key ?? undefined, chance, now: ctx.clock.now() }
}
