import type { Context } from '#src/context.ts'
import type { Account, Actor } from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import {
  ensureMailFactor,
  type Factor,
  factorsOf,
  isUsable,
  type Kind,
  listFactors,
  stepFactor,
  useForTwoStep,
} from '#src/domain/factors/factors.ts'
import { policyOf } from '#src/domain/policy/policy.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { demandStep, dropElevations } from '#src/domain/sessions/sessions.ts'
import { type Complaint, complaint } from './refuse.ts'
import { methods } from './user-info.ts'

/** What a record says about the second step, read. */
export interface TwoStepWish {
  isOn: boolean
  method: string | undefined
  number: string | undefined
}

interface Switching {
  caller: Actor
  account: Account
  wish: TwoStepWish
  origin: Origin
}

const whenOff: Record<Kind, Complaint> = { authApp: 1045, email: 1085, sms: 1084 }

const kindNamed = (method: string | undefined): Kind | undefined =>
  (Object.keys(methods) as Kind[]).find((kind) => methods[kind] === method)

const digitsOf = (number: string): string => number.replace(/\D/g, '')

/**
 * The method that was wished for, if it was proven before: this protocol names it, and proves nothing itself. Of
 * several authenticators it is the one that was enrolled last: whoever enrols another one means to use it.
 */
async function wishedFactor(ctx: Context, { account, wish, origin }: Switching, kind: Kind): Promise<Factor> {
  const policy = await policyOf(ctx, account)
  if (policy.twoStep === 'disabled' || !isUsable(ctx, policy, kind)) throw complaint(whenOff[kind])
  if (kind === 'email') return ensureMailFactor(ctx, { account, origin })
  const { number } = wish
  const fitting = (await listFactors(ctx, account, '2fa')).filter(
    (one) => one.kind === kind && (kind !== 'sms' || !number || digitsOf(one.target) === digitsOf(number)),
  )
  const inForce = account.two_step ? fitting.find(({ id }) => id === account.preferred_factor) : undefined
  const factor = (kind === 'sms' ? inForce : undefined) ?? fitting.at(-1)
  if (!factor) throw complaint(kind === 'sms' ? 1044 : 1055)
  return factor
}

async function isInForce(ctx: Context, account: Account, kind: Kind): Promise<boolean> {
  if (!account.two_step) return false
  const factors = await factorsOf(ctx, account.id)
  return stepFactor(ctx, { account, policy: await policyOf(ctx, account), factors })?.kind === kind
}

/** Switches the second step as a record says. On: for oneself only; off: for whoever may change the account. */
export async function switchTwoStep(ctx: Context, switching: Switching): Promise<void> {
  const { caller, account, wish, origin } = switching
  if (!wish.isOn) {
    if (!account.two_step) return
    const actor = caller.id === account.id ? undefined : caller.id
    await useForTwoStep(ctx, { account, factor: null, actor, origin })
    await dropElevations(ctx, account.id)
    return
  }
  const kind = kindNamed(wish.method)
  if (!kind) throw complaint(1045)
  if (caller.id !== account.id) {
    // A record that comes back as it was read asks for nothing.
    if (await isInForce(ctx, account, kind)) return
    throw new Refusal('access.denied')
  }
  const factor = await wishedFactor(ctx, switching, kind)
  if (account.two_step && account.preferred_factor === factor.id) return
  await useForTwoStep(ctx, { account, factor, origin })
  await demandStep(ctx, account)
}
