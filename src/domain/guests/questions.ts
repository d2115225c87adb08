import type { Context } from '#src/context.ts'
import { networkGauge } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { judgeOutbox } from '#src/domain/messages/messages.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { counted, gauge } from '#src/domain/throttles/throttles.ts'
import { hmac, isSame } from '#src/lib/digests.ts'
import { asciiAddress } from '#src/lib/mail-address.ts'
import { countAsking, guessesFrom } from './asking.ts'
import { type Guest, guestAt } from './finding.ts'
import * as store from './store.ts'

/** What a guest is asked before a new password is mailed to him; no question, no such mail. */
export interface Question {
  question: string
  answer: string
}

const LONGEST = 500
// What everybody is asked where nobody shall learn who is a guest.
const SAME_FOR_ALL = 'What is the answer to the question that you chose?'

/** As people repeat it: case and spaces do not matter. */
const plainAnswer = (answer: string): string => answer.normalize('NFKC').trim().replace(/\s+/g, ' ').toLowerCase()

const digestOf = (ctx: Context, accountId: string, answer: string): string =>
  hmac(ctx.secrets.pepper, `answer of guest ${accountId} ${plainAnswer(answer)}`)

/** A question as it is kept; one without an answer, or an answer without a question, is none. */
export function questionFor(
  ctx: Context,
  accountId: string,
  { question, answer }: Question,
): Pick<store.GuestRow, 'question' | 'answer'> {
  const asked = question.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim()
  if (asked.length > LONGEST) throw new Refusal('input.invalid', { params: ['question', asked.slice(0, 60)] })
  if (asked === '' || plainAnswer(answer) === '') return { question: '', answer: '' }
  return { question: asked, answer: digestOf(ctx, accountId, answer) }
}

/** The question of a guest; null for nobody, and for one who has none. Refuses with 'rate.exceeded'. */
export async function questionAt(
  ctx: Context,
  { address, origin }: { address: string; origin: Origin },
): Promise<string | null> {
  await countAsking(ctx, origin)
  const guest = await guestAt(ctx, address)
  return ctx.config.guestHideQuestion ? SAME_FOR_ALL : guest?.question || null
}

/**
 * The guest whose question is answered rightly, for whom a letter is written then. Refuses with 'guest.answer-wrong', be
 * there a guest or not, with 'rate.exceeded' after too many wrong answers, and with 'server.busy' while the outbox is full.
 */
export async function proveAnswer(
  ctx: Context,
  { address, answer, origin }: { address: string; answer: string; origin: Origin },
): Promise<Guest> {
  await judgeOutbox(ctx)
  const wanted = asciiAddress(address)
  const gauges = [
    guessesFrom(ctx, 'guest-answer', { address: wanted, origin }),
    gauge(ctx, 'guest-answers', wanted, ctx.config.accountFailuresAllowed, wanted),
  ]
  const guest = await guestAt(ctx, wanted)
  const row = await store.guestRow(ctx, guest?.account.id ?? '')
  return counted(
    ctx,
    { gauges, shared: [networkGauge(ctx, origin)], reason: 'rate.exceeded' },
    {
      async judge() {
        const isRight = isSame(row?.answer ?? '', digestOf(ctx, guest?.account.id ?? '', answer))
        if (!guest || !isRight) throw new Refusal('guest.answer-wrong')
        return guest
      },
      onFailure: (ctx) => record(ctx, { event: 'recovery.failed', account: guest?.account.id ?? null, origin }),
    },
  )
}
