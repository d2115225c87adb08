import type { Context } from '#src/context.ts'
import type { Account } from '#src/domain/accounts/accounts.ts'
import { inOurWords } from '#src/domain/keys/keys.ts'
import type { OpenedMail } from '#src/lib/openpgp/types.ts'
import type { MailHeader } from './header.ts'
import { oneAtATime } from './lines.ts'
import { type Circle, circleOf, type MailSignature, signatureOf, widened, withExpiry } from './signers.ts'

interface Sealed {
  message: Uint8Array
  /** unlocked, as far as the mail is encrypted */
  secrets: Uint8Array[]
  header: MailHeader
  circle: Circle
  reader: Account
}

interface Judged {
  opened: OpenedMail
  signatures: MailSignature[]
}

const open = (
  ctx: Context,
  { message, secrets, circle: { certificates }, reader }: Sealed,
  from: 'inner' | 'outer' = 'outer',
): Promise<OpenedMail> =>
  oneAtATime(ctx, reader, () =>
    inOurWords(
      ctx.workers.openpgp.openMail({ message, secrets, verifyWith: certificates, now: ctx.clock.now(), from }),
    ),
  )

const insideOf = ({ protection }: OpenedMail): Partial<MailHeader> =>
  protection?.authors ? { authors: protection.authors, author: protection.author } : {}

const differs = ({ protection }: OpenedMail): boolean => protection?.fromDiffers ?? false

async function judged(ctx: Context, opened: OpenedMail, { header, circle }: Sealed): Promise<Judged> {
  const signatures = opened.signatures.map((verdict) => signatureOf(verdict, header, circle))
  return { opened, signatures: await withExpiry(ctx, signatures, circle) }
}

/**
 * Opens a mail and judges its signatures by the keys of the circle; once more when a key that none of them has is found
 * in the world meanwhile, or when the mail says inside that somebody else wrote it. He is shown as its author, and a
 * signature can be his, only where one is: any other name inside is the word of a stranger (RFC 9788, section 4.4).
 * Refuses like the engine's `openMail`, but never for what that second look brings.
 */
export async function openedAndJudged(ctx: Context, sealed: Sealed): Promise<Judged> {
  const opened = await open(ctx, sealed)
  // A protected From is the one that a signature speaks of, never the one that anybody could put over it.
  const header = { ...sealed.header, ...insideOf(opened) }
  try {
    const second = await secondLook(ctx, { ...sealed, header, outside: sealed.header }, opened)
    if (second && (!differs(opened) || second.signatures.some(({ matchesSender }) => matchesSender))) return second
    if (second) return unproven({ ...second, opened: { ...second.opened, message: opened.message } })
  } catch (error) {
    ctx.log.info('signer.not-judged', { account: sealed.reader.id, error })
  }
  const first = await judged(ctx, opened, { ...sealed, header })
  return differs(opened) ? unproven(first) : first
}

/** null when there is nothing that was not seen the first time. */
async function secondLook(
  ctx: Context,
  sealed: Sealed & { outside: MailHeader },
  opened: OpenedMail,
): Promise<Judged | null> {
  const { header, outside, reader } = sealed
  const authors = [...new Set([...header.authors, ...outside.authors])]
  const circle = differs(opened) ? await circleOf(ctx, { ...header, authors }, reader) : sealed.circle
  const wider = await widened(ctx, { ...sealed, circle, verdicts: opened.signatures })
  if (!wider && !differs(opened)) return null
  const again = { ...sealed, circle: wider ?? circle }
  return judged(ctx, await open(ctx, again, 'inner'), again)
}

/** The author who is shown is not the one inside: no signature speaks for him. */
const unproven = ({ opened, signatures }: Judged): Judged => ({
  opened,
  signatures: signatures.map((signature) => ({ ...signature, matchesSender: false })),
})
