import type { Context } from '#src/context.ts'
import { type Letter, letterFrom } from '#src/domain/messages/messages.ts'
import { days } from '#src/lib/clock.ts'
import { publicBase } from '#src/lib/public-base.ts'
import type { Guest } from './finding.ts'
import { refusalLink } from './refusing.ts'

interface Invitation {
  guest: Guest
  /** id of the item */
  item: string
  sender: { address: string; name: string }
  /** what the sender wants to say in the clear */
  greeting?: string | undefined
  language?: string | undefined
  /** number of the template set; the setting templateId where absent */
  templid?: number | undefined
}

/** What the guest needs besides the link, as a key of sentences.txt. */
function wayIn({ hasPassword, needsInitial, needsPin }: Guest, { config }: Context): string {
  if (hasPassword) return 'guest.by-password'
  if (needsInitial || config.guestInitialPassword)
    return needsPin ? 'guest.by-first-password-and-pin' : 'guest.by-first-password'
  return needsPin ? 'guest.by-pin' : 'guest.by-link'
}

/** The link to a mail of a guest: no address is in it, and no secret besides the id of the item. */
const itemLink = (ctx: Context, item: string): string => `${publicBase(ctx.config)}/guest?item=${item}`

/** The mail that tells a guest of an encrypted one, and the header fields that go with it. */
export async function invitationFor(
  ctx: Context,
  { guest, item, sender, greeting = '', language, templid }: Invitation,
): Promise<{ letter: Letter; headers: Record<string, string> }> {
  const letter = letterFrom(ctx, {
    template: 'guest_invitation',
    reader: { ...guest.account, locale: language || guest.language },
    set: templid ?? ctx.config.templateId,
    values: {
      link: itemLink(ctx, item),
      sender,
      greeting,
      unsubscribe: refusalLink(ctx, guest),
      change: wayIn(guest, ctx),
      until: ctx.clock.now() + days(ctx.config.guestItemDays),
    },
  })
  return {
    letter,
    headers: {
      'X-OxGuard': 'true',
      'X-OxGuard-ID': item,
      'List-Unsubscribe': `<${refusalLink(ctx, guest)}>`,
      'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
    },
  }
}
