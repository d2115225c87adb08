import type { Context } from '#src/context.ts'
import { type Account, addressesOf } from '#src/domain/accounts/accounts.ts'
import { type RecipientAdvice, recommend } from '#src/domain/correspondents/correspondents.ts'
import { canDeliver } from '#src/domain/deliveries/deliveries.ts'
import { type FoundKey, findKeys } from '#src/domain/discovery/discovery.ts'
import { guestAt } from '#src/domain/guests/guests.ts'
import { findStoredAuth, listRings } from '#src/domain/keys/keys.ts'
import { Refusal } from '#src/domain/refusals.ts'
import type { Signed } from '#src/domain/sessions/sessions.ts'
import { adviceForAll, type Recommendation } from '#src/lib/autocrypt/recommendation.ts'
import { asciiAddress } from '#src/lib/mail-address.ts'
import { judgeWriter } from './judging.ts'
import { type PlannedKey, plannedKey, type ShownKey, shownKey } from './planned-keys.ts'
import { eachOnce, faultOf, wayWithoutKey } from './sharing.ts'

const ROLES = ['to', 'cc', 'bcc'] as const

export interface PlannedRecipient {
  /** as it was given */
  address: string
  role: (typeof ROLES)[number]
  /** clear-only: there is no way to send him an encrypted mail */
  how: 'encrypted' | 'guest' | 'clear-only'
  /** to encrypt with, null where it will be made; or the one that cannot be used */
  key: PlannedKey | null
  /** where a guest comes in: one who is there, or who would be made */
  guest: { exists: boolean; hasPassword: boolean; refuses: boolean } | null
  /** why it is not encrypted with a key of his own, in one word; null where it is */
  reason: string | null
  recommendation: Recommendation
}

export interface Plan {
  author: {
    address: string
    /** signs, and reads the copy; null for none */
    key: ShownKey | null
    /** its secret is here, and it can sign now */
    canSign: boolean
    /** what opens it is left with the session: no password is needed */
    isUnlocked: boolean
  }
  recipients: PlannedRecipient[]
  /** everybody can have it encrypted, some perhaps as guests */
  canEncrypt: boolean
  /** the server has a way to send mail */
  canSend: boolean
  recommendation: Recommendation
  /** who would be made a guest */
  newGuests: string[]
  /** colleagues who would be given a key of their own */
  newKeys: string[]
}

type Planned = Pick<PlannedRecipient, 'how' | 'guest' | 'reason'>

/** What is known of the guest of an address. Those whom other tenants invited are nobody's business. */
async function asGuest(ctx: Context, account: Account, address: string): Promise<Planned> {
  const found = await guestAt(ctx, address)
  const known = found?.account.tenant === account.tenant ? found : null
  const guest = { exists: known !== null, hasPassword: known?.hasPassword ?? false, refuses: known?.refused ?? false }
  if (guest.refuses) return { how: 'clear-only', guest, reason: 'guest-refuses' }
  return { how: 'guest', guest, reason: faultOf(null) }
}

async function wayTo(ctx: Context, account: Account, { key, plain }: { key: FoundKey | null; plain: string }) {
  if (key?.verdict === true) return { how: 'encrypted', guest: null, reason: null } as const
  if (key) return { how: 'clear-only', guest: null, reason: faultOf(key) } as const
  const way = await wayWithoutKey(ctx, account, plain)
  if (way === 'guest') return asGuest(ctx, account, plain)
  if (way === 'new-key') return { how: 'encrypted', guest: null, reason: faultOf(null) } as const
  return { how: 'clear-only', guest: null, reason: way } as const
}

/**
 * Autocrypt knows nothing of keys from elsewhere: they are there to be used, and who must become a guest, or be given a key, is bothered.
 */
function recommendationFor({ how, guest }: Planned, key: FoundKey | null, advice: RecipientAdvice): Recommendation {
  if (how === 'clear-only') return 'disable'
  if (how === 'guest') return guest?.hasPassword ? 'available' : 'discourage'
  if (!key) return 'discourage'
  if (advice.recommendation !== 'disable') return advice.recommendation
  return key.trusted ? 'available' : 'discourage'
}

async function authorOf(ctx: Context, signed: Signed, from: string | undefined): Promise<Plan['author']> {
  const { account } = signed
  const address = from ?? account.email
  if (!(await addressesOf(ctx, account)).includes(asciiAddress(address)))
    throw new Refusal('mail.sender-foreign', { params: [address] })
  const current = (await listRings(ctx, account)).find(({ isCurrent }) => isCurrent)
  const canSign = current?.hasSecret === true && current.info.canSign === true
  const isUnlocked = canSign && (await findStoredAuth(ctx, signed)) !== null
  return { address, key: current ? shownKey(current.info) : null, canSign, isUnlocked }
}

/**
 * How a mail would reach everybody, for the window that it is written in; nothing is made, and nobody is told.
 * `answers`: it is a reply to an encrypted one. Refuses 'access.denied' to guests, 'mail.sender-foreign', and like
 * `findKeys` 'rate.exceeded' and 'server.busy'.
 */
export async function planMail(
  ctx: Context,
  {
    signed,
    from,
    answers,
    ...recipients
  }: Record<(typeof ROLES)[number], readonly string[]> & { signed: Signed; from?: string; answers: boolean },
): Promise<Plan> {
  const { account } = signed
  judgeWriter(account)
  const author = await authorOf(ctx, signed, from)
  const each = eachOnce(ROLES.flatMap((role) => recipients[role]))
  const found = await findKeys(ctx, { account, addresses: each.map(({ plain }) => plain) })
  const advised = await recommend(ctx, { account, emails: each.map(({ plain }) => plain), answers })
  const roleOf = (address: string) => ROLES.find((role) => recipients[role].includes(address))!
  const planned: PlannedRecipient[] = []
  for (const [index, { address, plain }] of each.entries()) {
    const key = found.get(plain) ?? null
    const advice = advised.recipients[index]!
    const way = await wayTo(ctx, account, { key, plain })
    planned.push({
      ...{ address, role: roleOf(address), ...way },
      key: key && plannedKey(key, advice),
      recommendation: recommendationFor(way, key, advice),
    })
  }
  return {
    author,
    recipients: planned,
    canEncrypt: planned.length > 0 && planned.every(({ how }) => how !== 'clear-only'),
    canSend: canDeliver(ctx),
    recommendation: adviceForAll(planned.map(({ recommendation }) => recommendation)),
    newGuests: planned.filter(({ how, guest }) => how === 'guest' && !guest?.exists).map(({ address }) => address),
    newKeys: planned.filter(({ how, key }) => how === 'encrypted' && !key).map(({ address }) => address),
  }
}
