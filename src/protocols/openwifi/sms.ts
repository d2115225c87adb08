import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { judgeWriting, writeByHand } from '#src/domain/accounts/accounts.ts'
import { phoneNumber, proveNumber, sendNumberCode } from '#src/domain/factors/factors.ts'
import { canCarry } from '#src/domain/messages/messages.ts'
import { isRefusal, Refusal } from '#src/domain/refusals.ts'
import { type Asker, type Caller, endpoint, type Incoming } from '#src/http/endpoint.ts'
import { judgeElevated } from './callers.ts'
import { Done, done } from './done.ts'
import { flag, text } from './input.ts'
import { complaint } from './refuse.ts'

const TEXT_AT_MOST = 1600

const Body = z.object({ to: text(), text: text(TEXT_AT_MOST) })

interface Asked {
  caller: Asker
  body: z.output<typeof Body>
  incoming: Incoming
}

/** A number is enrolled by a person at a session, not by a key that he left with a program. */
async function personOf(ctx: Context, { caller, incoming }: Asked): Promise<Caller> {
  const { account, session } = caller
  if (!session) throw new Refusal('access.denied')
  await judgeElevated(ctx, caller, incoming)
  return { account: account as Caller['account'], session }
}

const numberOf = ({ body }: Asked): string => {
  if (!body.to) throw complaint(1018)
  return body.to
}

async function validate(ctx: Context, asked: Asked): Promise<void> {
  const { account, session } = await personOf(ctx, asked)
  const settled = await sendNumberCode(ctx, { account, sessionId: session.id, number: numberOf(asked) })
  if (typeof settled !== 'string') throw complaint(1056)
}

async function complete(ctx: Context, asked: Asked, code: string): Promise<void> {
  const { account, session } = await personOf(ctx, asked)
  const number = numberOf(asked)
  const { origin } = asked.incoming
  await proveNumber(ctx, { account, sessionId: session.id, number, code, origin }).catch((error: unknown) => {
    throw isRefusal(error, 'code.invalid') ? complaint(1057) : error
  })
}

async function write(ctx: Context, asked: Asked): Promise<void> {
  const { caller, body, incoming } = asked
  judgeWriting(caller.account)
  if (!body.text?.trim() || !body.text.isWellFormed()) throw complaint(1018)
  const recipients = [await phoneNumber(numberOf(asked))]
  const letter = { subject: '', text: body.text }
  await writeByHand(ctx, {
    caller: caller.account,
    channel: 'sms',
    recipients,
    letter,
    origin: incoming.origin,
  }).catch((error: unknown) => {
    throw isRefusal(error, 'message.refused')
      ? new Refusal('message.refused', { params: [1056, ...(error.facts.params ?? [])] })
      : error
  })
}

export const sms = endpoint({
  at: 'POST /sms',
  what: 'Send an SMS; or prove a number of one’s own, with the code that is sent to it',
  who: 'a session, key or service',
  in: {
    query: z.object({ validateNumber: flag, completeValidation: flag, validationCode: z.string().default('') }),
    body: Body.optional(),
  },
  out: Done,
  async does(ctx, { query, body }, caller, incoming) {
    if (!canCarry(ctx, 'sms')) throw new Refusal('sms.off')
    if (!body) throw new Refusal('input.unreadable')
    const asked = { caller, body, incoming }
    if (query.validateNumber) await validate(ctx, asked)
    else if (query.completeValidation) await complete(ctx, asked, query.validationCode)
    else await write(ctx, asked)
    return done('POST')
  },
})
