import { atomically, type Context } from '#src/context.ts'
import { type Account, holdAccount } from '#src/domain/accounts/accounts.ts'
import { type Channel, canCarry, composeFrom, judgeOutbox } from '#src/domain/messages/messages.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { takeHourly } from '#src/domain/throttles/hourly.ts'
import { digits, uuid } from '#src/lib/chance.ts'
import { hours, seconds } from '#src/lib/clock.ts'
import { hmac, isSame } from '#src/lib/digests.ts'
import { kindOf } from './kinds.ts'
import * as store from './store.ts'

/** What a sent code is good for, and nothing else: one session, a number enrolled in one session, or one challenge. */
export interface Binding {
  kind: 'session' | 'enrolment' | 'challenge'
  id: string
}

interface Method {
  id: string
  kind: string
  target: string
}

// Challenges and enrolments are resent by their own protocol when a person asks; only the hourly limit holds them back.
const pause = (ctx: Context, binding: Binding): number =>
  binding.kind === 'session' ? seconds(ctx.config.codePause) : 0

const digestOf = (ctx: Context, methodId: string, code: string): string =>
  hmac(ctx.secrets.pepper, `code ${methodId} ${code}`)

// As many targets of one account may use up their hour.
const TARGETS_PER_HOUR = 4

/** Whether another code may go out; counted with the target, whoever's it is at the moment. */
async function judgeSending(
  ctx: Context,
  { account, method, binding }: { account: Account; method: Method; binding: Binding },
): Promise<void> {
  const now = ctx.clock.now()
  const last = await store.lastCode(ctx, method.id, binding.id)
  const ready = last ? last.created + pause(ctx, binding) : 0
  if (ready > now) throw new Refusal('code.too-soon', { retryAfter: Math.ceil((ready - now) / 1000) })
  // Whatever the targets: nobody's account is a pump of mails and SMS to strangers.
  const own = await store.codesOfAccount(ctx, account.id, now - hours(1))
  if (own >= ctx.config.codesPerHour * TARGETS_PER_HOUR) throw new Refusal('code.too-many', { retryAfter: 600 })
  const hourly = { kind: 'code', subject: method.target, most: ctx.config.codesPerHour }
  await takeHourly(ctx, hourly, 'code.too-many')
}

const templateFor = (channel: Channel, isNew: boolean) => {
  if (channel === 'mail') return 'verification_code'
  return isNew ? 'number_validation_sms' : 'verification_code_sms'
}

/**
 * Sends a new code by a mail or SMS method; the one before it is void at once. `isNew`: the method has yet to be proven.
 * Returns the message's id.
 */
export async function sendCode(
  ctx: Context,
  { account, method, binding, isNew = false }: { account: Account; method: Method; binding: Binding; isNew?: boolean },
): Promise<string> {
  const { channel } = kindOf(method.kind)
  if (channel === null) throw new Refusal('factor.kind-unfit')
  if (!canCarry(ctx, channel)) throw new Refusal('code.unsendable')
  await judgeOutbox(ctx, 'need')
  const target = hmac(ctx.secrets.pepper, `target ${method.target}`)
  return atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    await judgeSending(ctx, { account, method, binding })
    const now = ctx.clock.now()
    const code = digits(ctx.clock.chance, ctx.config.codeDigits)
    await store.replaceCode(ctx, {
      id: uuid(ctx.clock.chance),
      account_id: account.id,
      method_id: method.id,
      bound_to: binding.id,
      target,
      digest: digestOf(ctx, method.id, code),
      created: now,
      expires: now + seconds(ctx.config.codeLifetime),
      strikes: 0,
      used: null,
    })
    const lifetime = ctx.config.codeLifetime
    return composeFrom(ctx, {
      channel,
      to: method.target,
      template: templateFor(channel, isNew),
      reader: account,
      values: { code, lifetime },
      lifetime: seconds(lifetime),
    })
  })
}

/** Takes a sent code: once, and with a try counted first. Refuses with 'code.invalid'. */
export async function takeSentCode(
  ctx: Context,
  { methodId, binding, code }: { methodId: string; binding: Binding; code: string },
): Promise<void> {
  const live = await store.strikeCode(ctx, methodId, binding.id)
  if (!live || !isSame(live.digest, digestOf(ctx, methodId, code))) throw new Refusal('code.invalid')
  if (!(await store.useCode(ctx, live.id))) throw new Refusal('code.invalid')
}
