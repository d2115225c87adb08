import { atomically, type Context } from '#src/context.ts'
import { type Account, addressesOf, findByAddress, isShutOut } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { findAppPassword, noteAppPassword, type ProgramScope } from '#src/domain/programs/programs.ts'
import { isRefusal, type Reason } from '#src/domain/refusals.ts'
import { days } from '#src/lib/clock.ts'
import { plainAddress } from '#src/lib/mail-address.ts'
import { ownerOfToken } from './delegating.ts'
import { completeSignIn, passFirstStep } from './sign-in.ts'
import { nextState, waivedForBasic } from './states.ts'

/** Why somebody may not sign in at a mail server. All but the first two are said to who brought a right secret. */
export type Denial =
  | 'credentials'
  | 'throttled'
  | 'scope'
  | 'second-factor'
  | 'password-change'
  | 'suspended'
  | 'unconfirmed'

export type Verdict =
  | { account: Account; by: 'password' | 'app-password' | 'access-token' }
  /** `retryAfter`: seconds until it is worth trying again */
  | { account: null; denial: Denial; retryAfter?: number }

/** What a mail server asks: may whoever brought this sign in there? */
export interface Asked {
  address: string
  secret: { password: string } | { accessToken: string }
  protocol: ProgramScope
  /** of the mail server's client, as far as the server tells it */
  origin: Origin
}

const denied = (denial: Denial, retryAfter?: number): Verdict =>
  retryAfter === undefined ? { account: null, denial } : { account: null, denial, retryAfter }

const denials: Partial<Record<Reason, Denial>> = {
  'credentials.invalid': 'credentials',
  'credentials.delayed': 'throttled',
  'account.suspended': 'suspended',
  'account.unconfirmed': 'unconfirmed',
  'password.change-required': 'password-change',
}

/**
 * Null when it is no app password of theirs. A right one is not asked to wait for others' guesses: nobody guesses 80
 * random bits, and strangers must not be able to cut off somebody's programs.
 */
async function byAppPassword(
  ctx: Context,
  { address, password, protocol, origin }: Omit<Asked, 'secret'> & { password: string },
): Promise<Verdict | null> {
  const account = await findByAddress(ctx, address)
  const used = await findAppPassword(ctx, account, password)
  if (!account || !used) return null
  if (!used.scopes.includes(protocol)) return denied('scope')
  if (isShutOut(account)) return denied('suspended')
  if (account.awaiting_confirmation) return denied('unconfirmed')
  if (await noteAppPassword(ctx, used, origin)) {
    const detail = { by: 'app-password', name: used.name }
    await record(ctx, { event: 'sign-in.done', account: account.id, origin, detail })
  }
  return { account, by: 'app-password' }
}

async function byPassword(ctx: Context, address: string, password: string, origin: Origin): Promise<Verdict> {
  const step = await passFirstStep(ctx, { name: address, password, mayOwe: false, origin })
  const { account } = step
  const isOpen = nextState(step, waivedForBasic(step.policy)) === 'full'
  await atomically(ctx, async (ctx) => {
    await step.settleHere(ctx)
    const detail = { needs: 'second step' }
    if (!isOpen) await record(ctx, { event: 'sign-in.failed', account: account.id, origin, detail })
    // Programs sign in all day: once a day is exact enough for the record, and for every address.
    else if (step.networkSeen < step.now - days(1)) await completeSignIn(ctx, { ...step, origin })
  })
  return isOpen ? { account, by: 'password' } : denied('second-factor')
}

async function byToken(ctx: Context, address: string, token: string): Promise<Verdict> {
  const account = await ownerOfToken(ctx, token)
  const isTheirs = account && (await addressesOf(ctx, account)).includes(plainAddress(address))
  return isTheirs ? { account, by: 'access-token' } : denied('credentials')
}

/**
 * Decides for a mail server whether somebody may sign in: with an app password that is good for the protocol, with the
 * account's own password unless that needs a second step, or with an access token. Guesses count as they do at every
 * sign-in, by the mail server's client.
 */
export async function verifySignIn(ctx: Context, { address, secret, protocol, origin }: Asked): Promise<Verdict> {
  if ('accessToken' in secret) return byToken(ctx, address, secret.accessToken)
  const { password } = secret
  const found = await byAppPassword(ctx, { address, password, protocol, origin })
  if (found) return found
  return byPassword(ctx, address, password, origin).catch((error: unknown) => {
    const denial = isRefusal(error) && denials[error.reason]
    if (!denial) throw error
    return denied(denial, error.facts.retryAfter)
  })
}
