import { z } from 'zod'
import { atomically, type Context } from '#src/context.ts'
import { type Account, findAccount, holdAccount, judgeStanding } from '#src/domain/accounts/accounts.ts'
import { factorsOf, type Kind, proveNumber, sendNumberCode, stepFactor } from '#src/domain/factors/factors.ts'
import { canCarry } from '#src/domain/messages/messages.ts'
import { policyOf } from '#src/domain/policy/policy.ts'
import { isRefusal, Refusal } from '#src/domain/refusals.ts'
import { type Caller, endpoint, type Incoming } from '#src/http/endpoint.ts'
import { Done, done } from './done.ts'
import { flag, text } from './input.ts'
import { type Complaint, complaint } from './refuse.ts'
import { switchTwoStep, type TwoStepWish } from './two-step.ts'
import { methods } from './user-info.ts'

const Config = z.object({ email: z.string(), id: z.string(), sms: z.string(), type: z.string() })

const Query = z.object({
  startValidation: flag,
  completeValidation: flag,
  challengeCode: z.string().optional(),
})

const Body = z.object({ type: text(), sms: text() })

interface Asked {
  query: z.output<typeof Query>
  body: z.output<typeof Body>
  caller: Caller
  incoming: Incoming
}

/** What is asked for at a sign-in, as it is now, and where codes go. */
async function configOf(ctx: Context, { id }: Account): Promise<z.output<typeof Config>> {
  const account = await findAccount(ctx, id)
  if (!account) throw new Refusal('session.invalid')
  const factors = await factorsOf(ctx, account.id)
  const policy = await policyOf(ctx, account)
  const asked = account.two_step ? stepFactor(ctx, { account, policy, factors }) : undefined
  const target = (kind: Kind) =>
    (asked?.kind === kind ? asked : factors.findLast((factor) => factor.kind === kind))?.target
  return {
    email: target('email') ?? account.email,
    id,
    sms: target('sms') ?? '',
    type: asked ? methods[asked.kind as Kind] : 'disabled',
  }
}

async function switchTo(ctx: Context, { caller: { account }, incoming: { origin } }: Asked, wish: TwoStepWish) {
  await atomically(ctx, async (ctx) => {
    const held = await holdAccount(ctx, account.id)
    await judgeStanding(ctx, account)
    await switchTwoStep(ctx, { caller: account, account: held, wish, origin })
  })
  return configOf(ctx, account)
}

// A 500 with a number of this protocol, also for a code that was wrong: so upstream has it.
const unsent = (number: Complaint): Refusal => new Refusal('message.refused', { params: [number] })

async function start(ctx: Context, { body, caller: { account, session } }: Asked) {
  if (!body.sms) throw complaint(1094)
  const settled = await sendNumberCode(ctx, { account, sessionId: session.id, number: body.sms })
  if (typeof settled !== 'string') throw unsent(1095)
  return done('PUT')
}

async function complete(ctx: Context, asked: Asked) {
  const { sms: number } = asked.body
  const { challengeCode: code } = asked.query
  const { account, session } = asked.caller
  if (!number) throw complaint(1094)
  if (!code) throw complaint(1096)
  const { origin } = asked.incoming
  await proveNumber(ctx, { account, sessionId: session.id, number, code, origin }).catch((error: unknown) => {
    throw isRefusal(error, 'code.invalid') ? unsent(1095) : error
  })
  return switchTo(ctx, asked, { isOn: true, method: 'sms', number })
}

async function change(ctx: Context, asked: Asked) {
  const { query, body } = asked
  if (body.type === 'sms') {
    if (!canCarry(ctx, 'sms')) throw new Refusal('sms.off')
    if (query.startValidation) return start(ctx, asked)
    if (query.completeValidation) return complete(ctx, asked)
    throw complaint(1018)
  }
  const isKnown = ['disabled', methods.email, methods.authApp].includes(body.type ?? '')
  if (!isKnown) throw complaint(1018)
  return switchTo(ctx, asked, { isOn: body.type !== 'disabled', method: body.type, number: undefined })
}

/** The second step of subscribers, each at his own. */
export const subMfa = [
  endpoint({
    at: 'GET /submfa',
    what: 'What a subscriber is asked for at the sign-in',
    who: 'a full session',
    out: Config,
    does: (ctx, _input, { account }) => configOf(ctx, account),
  }),
  endpoint({
    at: 'PUT /submfa',
    what: 'Switch the second step off, or to a method; to a number once its code has come back',
    who: 'a full session',
    in: { query: Query, body: Body },
    out: z.union([Config, Done]),
    does: (ctx, { query, body }, caller, incoming) => change(ctx, { query, body, caller, incoming }),
  }),
]
