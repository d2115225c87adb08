import { setTimeout as sleep } from 'node:timers/promises'
import { dropUnused } from '#src/domain/bodies/bodies.ts'
import type { HandedOver } from '#src/drivers/outcome.ts'
import { uuid } from '#src/lib/chance.ts'
import { minutes, seconds } from '#src/lib/clock.ts'
import type { Carrying, InHand } from './store.ts'
import * as store from './store.ts'

/** Ever later; but a next hop that is merely down is our own, and everybody waits for it. */
const backoff = ({ attempts }: InHand, { isUnreached }: HandedOver): number =>
  Math.min(minutes(isUnreached ? 5 : 60), seconds(5) * 2 ** Math.min(attempts - 1, 12))

// As long as the database is away, nobody else can take it for lapsed: who gave up before it is back would send it twice.
const NOTE_TRIES = 86_400
const NOTE_PAUSE = seconds(1)
const TOLD_EVERY = 60

/** What is over by now, and who is to be tried again, and when. */
function judge(ctx: Carrying, row: InHand, handed: HandedOver) {
  const { deferred } = handed
  const next = ctx.clock.now() + backoff(row, handed)
  const isGivenUp = next >= row.expires
  return {
    sent: handed.sent,
    refused: isGivenUp ? { ...handed.refused, ...deferred } : handed.refused,
    waiting: isGivenUp ? [] : Object.keys(deferred),
    next,
    outcome: handed.words.slice(0, 500),
  }
}

type Judged = ReturnType<typeof judge>

/** Those who are tried again, as a delivery of their own: what the others got must not reach them twice. */
const splitOff = (ctx: Carrying, row: InHand, { waiting, next, outcome }: Judged) =>
  store.insertDelivery(ctx, {
    ...row,
    id: uuid(ctx.clock.chance),
    recipients: JSON.stringify(waiting),
    state: 'queued',
    due: next,
    held: 0,
    outcome,
    refused: '{}',
    settled: 0,
  })

async function noteEnd(ctx: Carrying, row: InHand, judged: Judged): Promise<boolean> {
  const { sent, refused, waiting, outcome } = judged
  const everybody = [...sent, ...Object.keys(refused)]
  // Nobody waits for the news that all is well, but the gateway of its own mails.
  const isSettled = row.mail_id === '' && Object.keys(refused).length === 0
  const isMine = await store.noteEnd(ctx, row, {
    state: sent.length > 0 ? 'sent' : 'failed',
    due: ctx.clock.now(),
    outcome,
    refused: JSON.stringify(refused),
    recipients: JSON.stringify(everybody),
    settled: isSettled ? 1 : 0,
    body_id: isSettled ? null : row.body_id,
  })
  if (!isMine) return false
  if (waiting.length > 0) await splitOff(ctx, row, judged)
  if (isSettled && row.body_id !== null) await dropUnused(ctx, row.body_id)
  return true
}

const noteWaiting = (ctx: Carrying, row: InHand, { next, outcome }: Judged): Promise<boolean> =>
  store.noteEnd(ctx, row, {
    state: 'queued',
    due: next,
    outcome,
    refused: '{}',
    recipients: row.recipients,
    settled: 0,
    body_id: row.body_id,
  })

const waitsWhole = ({ sent, refused }: Judged): boolean => sent.length === 0 && Object.keys(refused).length === 0

const note = (ctx: Carrying, row: InHand, judged: Judged): Promise<boolean> =>
  waitsWhole(judged) ? noteWaiting(ctx, row, judged) : store.together(ctx, (ctx) => noteEnd(ctx, row, judged))

/** A mail that is sent must be noted as sent: a database that is away for a while is waited for. */
async function noteSurely(ctx: Carrying, row: InHand, judged: Judged): Promise<boolean> {
  for (let tries = 1; ; tries++) {
    try {
      return await note(ctx, row, judged)
    } catch (error) {
      if (tries >= NOTE_TRIES) throw error
      if (tries % TOLD_EVERY === 1) ctx.log.warn('delivery.unnoted', { delivery: row.id, error: String(error) })
      await sleep(NOTE_PAUSE)
    }
  }
}

function tell(ctx: Carrying, row: InHand, { isUncertain }: HandedOver, { sent, refused, waiting, outcome }: Judged) {
  const facts = { delivery: row.id, attempts: row.attempts }
  if (sent.length > 0) ctx.log.debug('delivery.sent', facts)
  const failed = Object.keys(refused).length
  if (failed > 0) ctx.log.warn('delivery.failed', { ...facts, recipients: failed, reason: outcome })
  if (waiting.length > 0) ctx.log.info('delivery.deferred', { ...facts, recipients: waiting.length, reason: outcome })
  if (isUncertain && waiting.length > 0) ctx.log.warn('delivery.uncertain', { ...facts, advice: 'it may arrive twice' })
}

/** Writes down what became of a delivery: true when it is over, though a part of it may wait for its next try. */
export async function noteHandedOver(ctx: Carrying, row: InHand, handed: HandedOver): Promise<boolean> {
  const judged = judge(ctx, row, handed)
  if (!(await noteSurely(ctx, row, judged))) {
    ctx.log.warn('delivery.overtaken', { delivery: row.id, attempts: row.attempts })
    return false
  }
  tell(ctx, row, handed, judged)
  return !waitsWhole(judged)
}
