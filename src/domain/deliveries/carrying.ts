import { bodyPieces } from '#src/domain/bodies/bodies.ts'
import type { HandedOver, Parcel } from '#src/drivers/outcome.ts'
import { minutes, seconds } from '#src/lib/clock.ts'
import { noteHandedOver } from './noting.ts'
import type { Carrying, InHand } from './store.ts'
import * as store from './store.ts'

// Until when the carrier is taken for alive. It says that it is every few seconds, so one that is merely slow is not
// taken for dead; a delivery that a dead one had in hand waits this long.
const LEASE = minutes(1)
const RENEW_EVERY = seconds(5)
// With the final dot written it may have arrived: better late than twice. Longer than the answer to it is waited for.
const COMMITTED_LEASE = minutes(20)
// With the next hop down, all that waits need not hear so one by one.
const REST = seconds(5)

interface Settings {
  hop: { handOver(parcel: Parcel): Promise<HandedOver> }
  /** how many are handed over at the same time */
  width: number
  /** called with the id of each delivery that has come to its end */
  ended(id: string): void
}

/** Carries what is due, as one process among several may. */
export interface CarryingOn {
  /** Looks for what is due now. */
  look(): void
  /** Takes nothing new; resolves once what is in hand is settled. */
  finish(): Promise<void>
}

const without = (recipients: readonly string[], words: string): HandedOver => ({
  sent: [],
  refused: Object.fromEntries(recipients.map((address) => [address, words])),
  deferred: {},
  words,
  isUncertain: false,
  isUnreached: false,
})

const later = (recipients: readonly string[], error: unknown): HandedOver => {
  const words = `this server itself: ${(error as Error).message}`
  return { ...without([], words), deferred: Object.fromEntries(recipients.map((address) => [address, words])) }
}

/** The content in pieces; its end, and with it the final dot, is held back until the mark is written. */
async function* markedPieces(ctx: Carrying, row: InHand): AsyncIterable<Uint8Array> {
  const body = await bodyPieces(ctx, row.body_id!)
  if (!body) throw new Error(`body ${row.body_id} is gone`)
  yield* body.pieces
  if (!(await store.markCommitting(ctx, row, ctx.clock.now() + COMMITTED_LEASE)))
    throw new Error('somebody else has it in hand by now')
  // The mark must outlive a power cut, if the mail may.
  await ctx.database.durable()
}

async function handOver(ctx: Carrying, hop: Settings['hop'], row: InHand): Promise<HandedOver> {
  const recipients = JSON.parse(row.recipients) as string[]
  try {
    const body = row.body_id === null ? null : await bodyPieces(ctx, row.body_id)
    if (!body) {
      ctx.log.error('delivery.empty', { delivery: row.id })
      return without(recipients, 'the content of the message is gone')
    }
    return await hop.handOver({
      sender: row.sender,
      recipients,
      bytes: body.bytes,
      pieces: () => markedPieces(ctx, row),
    })
  } catch (error) {
    return later(recipients, error)
  }
}

/** Queues what lapsed with its carrier again. Where the dot may have been written, losing would be worse than twice. */
async function takeBackLapsed(ctx: Carrying, own: readonly string[]): Promise<void> {
  for (const row of await store.lapsed(ctx, own)) {
    if (!(await store.takeBack(ctx, row))) continue
    const isUncertain = row.state === 'committing'
    if (isUncertain) ctx.log.warn('delivery.uncertain', { delivery: row.id, advice: 'it may arrive twice' })
    else ctx.log.info('delivery.taken-back', { delivery: row.id })
  }
}

/** Carries deliveries until it is told to finish. */
export function startCarrying(ctx: Carrying, { hop, width, ended }: Settings): CarryingOn {
  const inHand = new Map<InHand, Promise<void>>()
  let isFinishing = false
  let looking: Promise<void> | null = null
  let isAsked = false
  let mayBeMore = false
  let restsUntil = 0

  function isResting(): boolean {
    const left = restsUntil - ctx.clock.now()
    // A clock that was set back must not make it long.
    return left > 0 && left <= 2 * REST
  }

  const renewal = setInterval(() => {
    const held = ctx.clock.now() + LEASE
    for (const row of inHand.keys())
      store
        .renew(ctx, row, held)
        .catch((error: unknown) => ctx.log.warn('delivery.unrenewed', { error: String(error) }))
  }, RENEW_EVERY)

  async function carry(row: InHand): Promise<void> {
    const handed = await handOver(ctx, hop, row)
    if (handed.isUnreached) restsUntil = ctx.clock.now() + REST
    const isOver = await noteHandedOver(ctx, row, handed)
    await ctx.database.durable()
    if (isOver) ended(row.id)
  }

  function take(row: InHand): void {
    const run = carry(row)
      .catch((error: unknown) => ctx.log.error('delivery.unnoted', { delivery: row.id, error: String(error) }))
      .then(() => {
        inHand.delete(row)
        if (mayBeMore) look()
      })
    inHand.set(row, run)
  }

  async function lookAround(): Promise<void> {
    do {
      isAsked = false
      await takeBackLapsed(
        ctx,
        [...inHand.keys()].map(({ id }) => id),
      )
      do {
        const room = width - inHand.size
        if (room <= 0 || isFinishing || isResting()) return
        const claimed = await store.claimDue(ctx, room, ctx.clock.now() + LEASE)
        mayBeMore = claimed.length === room
        for (const row of claimed) take(row)
      } while (mayBeMore)
    } while (isAsked && !isFinishing)
  }

  function look(): void {
    isAsked = true
    mayBeMore = true
    if (looking || isFinishing) return
    looking = lookAround()
      .catch((error: unknown) => ctx.log.error('delivery.unclaimed', { error: String(error) }))
      .finally(() => {
        looking = null
      })
  }

  return {
    look,
    async finish() {
      isFinishing = true
      await looking
      await Promise.all(inHand.values())
      clearInterval(renewal)
    },
  }
}
