import type { Context } from '#src/context.ts'
import { bodyOf, bodyPieces } from '#src/domain/bodies/bodies.ts'
import { canDeliver } from '#src/domain/deliveries/deliveries.ts'
import { isRefusal, type Reason } from '#src/domain/refusals.ts'
import { byteBudget } from '#src/lib/byte-budget.ts'
import { days, minutes, seconds } from '#src/lib/clock.ts'
import { handOn, Overtaken, type Refused } from './handing-on.ts'
import { letIn } from './incoming.ts'
import { sendOut } from './outgoing.ts'
import { backoff } from './patience.ts'
import type { Direction } from './stamps.ts'
import * as store from './store.ts'

// Whoever dies with a mail in hand has it taken from him after this long; a mail may take longer, which is told meanwhile.
const HOLD = seconds(10)
// So many mails are in hand at once, in all as large as so many of the largest. Some wait long for keys from elsewhere.
const AT_ONCE = 8
const LARGEST_AT_ONCE = 4
// Long for a mail that waits for room: it is tried again behind others.
const PATIENCE = minutes(10)

const ways: Record<Direction, (ctx: Context, mail: store.MailRow, message: Uint8Array) => Promise<void>> = {
  out: sendOut,
  in: letIn,
}

/** What waiting does not help with: the mail itself is wrong, or a key that it needs. */
const hopeless: readonly Reason[] = [
  'mail.unreadable',
  'mail.no-recipient',
  'input.invalid',
  'input.too-large',
  'key.unusable',
]

const everybody = ({ recipients }: store.MailRow, why: string): Refused =>
  Object.fromEntries((JSON.parse(recipients) as string[]).map((address) => [address, why]))

/** A mail may have failed before it was read. */
const whatIsLeft = async (ctx: Context, { body_id }: store.MailRow): Promise<Uint8Array | null> =>
  body_id === null ? null : bodyOf(ctx, body_id).catch(() => null)

/**
 * A mail that cannot go out as it should, and will not: its sender is told. What comes in goes on as it came, if it is
 * still there.
 */
async function giveUp(ctx: Context, mail: store.MailRow, read: Uint8Array | null, why: string): Promise<void> {
  const message = mail.direction === 'in' ? (read ?? (await whatIsLeft(ctx, mail))) : null
  if (!message) return handOn(ctx, mail, { parcels: [], refused: everybody(mail, why) })
  const recipients = JSON.parse(mail.recipients) as string[]
  return handOn(ctx, mail, { parcels: [{ recipients, message }] })
}

async function failed(ctx: Context, mail: store.MailRow, message: Uint8Array | null, error: unknown): Promise<void> {
  const reason = isRefusal(error) ? error.reason : String(error)
  if (error instanceof Overtaken) return
  if (isRefusal(error, ...hopeless)) return giveUp(ctx, mail, message, error.reason)
  const now = ctx.clock.now()
  ctx.log.warn('gateway.waits', { mail: mail.id, attempts: mail.attempts, reason })
  if (mail.received + days(ctx.config.gatewayDays) <= now) return giveUp(ctx, mail, message, 'late')
  const wait = isRefusal(error) ? seconds(error.facts.retryAfter ?? 0) : 0
  const due = now + Math.min(minutes(60), Math.max(backoff(mail.attempts), wait))
  await store.postpone(ctx, mail.id, { due, outcome: reason.slice(0, 500) })
}

/** The mails that one process has in hand. */
interface Hands {
  runs: Set<Promise<void>>
  room: ReturnType<typeof byteBudget>
  /** there may be more that wait than it could take */
  mayBeMore: boolean
}

const allHands = new WeakMap<Context['database'], Hands>()

function handsOf({ database, config }: Context): Hands {
  const known = allHands.get(database)
  if (known) return known
  const room = byteBudget({ total: LARGEST_AT_ONCE * config.mailLimit, waiting: AT_ONCE, patience: PATIENCE })
  const hands = { runs: new Set<Promise<void>>(), room, mayBeMore: false }
  allHands.set(database, hands)
  return hands
}

/** Waits for room for a mail; answers what gives it back. The many large ones of one sender keep others from nothing. */
async function roomFor(ctx: Context, { id, sender, body_id }: store.MailRow): Promise<() => void> {
  const body = body_id === null ? null : await bodyPieces(ctx, body_id)
  return handsOf(ctx).room.take(body?.bytes ?? 0, sender || id)
}

async function dispatch(ctx: Context, mail: store.MailRow): Promise<void> {
  const alive = setInterval(() => {
    store.holdMail(ctx, mail.id, ctx.clock.now() + HOLD).catch(() => {})
  }, HOLD / 3)
  let giveBack = () => {}
  try {
    let message: Uint8Array | null = null
    try {
      giveBack = await roomFor(ctx, mail)
      message = mail.body_id ? await bodyOf(ctx, mail.body_id) : null
      if (!message) throw new Error(`the body of the mail ${mail.id} is gone`)
      await ways[mail.direction as Direction](ctx, mail, message)
    } catch (error) {
      await failed(ctx, mail, message, error)
    }
  } finally {
    giveBack()
    clearInterval(alive)
  }
}

/** When it is through, the next takes its place: one that is slow holds up no other. */
function take(ctx: Context, hands: Hands, mail: store.MailRow): void {
  const run = dispatch(ctx, mail)
    .catch((error: unknown) => ctx.log.error('gateway.failed', { error }))
    .then(() => {
      hands.runs.delete(run)
      if (hands.mayBeMore) ctx.carriers.wake()
    })
  hands.runs.add(run)
}

/**
 * Takes mails that wait in hand, as many as there is room for, and waits for none of them. Each becomes what it becomes
 * in one transaction, once, whoever else is at it and whatever ends meanwhile. Returns how many it took.
 */
export async function dispatchMails(ctx: Context): Promise<number> {
  const hands = handsOf(ctx)
  const most = AT_ONCE - hands.runs.size
  if (most <= 0 || !canDeliver(ctx)) return 0
  const mails = await store.claimMails(ctx, { state: 'waiting', most, hold: HOLD })
  hands.mayBeMore = mails.length === most
  for (const mail of mails) take(ctx, hands, mail)
  return mails.length
}

/** Resolves once every mail that is in hand here has been handed on or put off: a server must not stop before. */
export async function everythingDispatched(ctx: Context): Promise<void> {
  await Promise.all(allHands.get(ctx.database)?.runs ?? [])
}
