import { atomically, type Context } from '#src/context.ts'
import {
  type Account,
  type Actor,
  awaitConfirmation,
  createAccount,
  findByAddress,
  holdAccount,
  isPasswordFixed,
  isService,
  isShutOut,
  judgeStanding,
  type NewAccount,
} from '#src/domain/accounts/accounts.ts'
import type { Origin } from '#src/domain/caller.ts'
import { judgeOutbox } from '#src/domain/messages/messages.ts'
import { isRefusal, Refusal } from '#src/domain/refusals.ts'
import { judgeSending, sendLink } from './links.ts'

/** Who sends, and to whom; the right to do so has been judged. */
interface Sending {
  caller: Actor
  account: Account
  origin: Origin
}

/** Who causes a link: nobody, when he has it sent to himself. */
const causeOf = ({ caller, account }: Sending): Actor | null => (caller.id === account.id ? null : caller)

const actorOf = (sending: Sending): string | null => causeOf(sending)?.id ?? null

/**
 * Mails a link to a new password for somebody else's sake: 'account.suspended', 'mail.off', 'rate.exceeded', and for one's
 * own 'password.fixed'. The password that there is goes on working until the link is used.
 */
export async function sendPasswordLink(ctx: Context, sending: Sending): Promise<void> {
  await atomically(ctx, async (ctx) => {
    await judgeStanding(ctx, sending.caller)
    const account = await holdAccount(ctx, sending.account.id)
    if (isShutOut(account)) throw new Refusal('account.suspended')
    const cause = causeOf(sending)
    if (!cause && (await isPasswordFixed(ctx, account))) throw new Refusal('password.fixed')
    await judgeSending(ctx, account, cause)
    await sendLink(ctx, { account, purpose: 'password', actor: actorOf(sending), origin: sending.origin })
  })
}

/** Mails a link that proves the mailbox; who has no password yet chooses it there. 'mail.off', 'rate.exceeded'. */
export async function sendConfirmationLink(ctx: Context, sending: Sending): Promise<void> {
  const { account, origin } = sending
  await judgeSending(ctx, account, causeOf(sending))
  const purpose = account.password === null ? 'invitation' : 'address'
  await sendLink(ctx, { account, purpose, actor: actorOf(sending), origin })
}

/**
 * Shuts an account until its address is confirmed, ends its sessions, and mails the link. Nobody can do that to himself
 * ('access.denied'), as nobody suspends himself: a mail that does not arrive would shut out the last administrator.
 */
export async function requireConfirmation(ctx: Context, sending: Sending): Promise<Account> {
  const { caller, account } = sending
  if (caller.id === account.id) throw new Refusal('access.denied')
  return atomically(ctx, async (ctx) => {
    await holdAccount(ctx, account.id)
    const waiting = await awaitConfirmation(ctx, account.id)
    await sendConfirmationLink(ctx, { ...sending, account: waiting })
    return waiting
  })
}

/** Why an address cannot sign up: somebody has it. */
async function whyTaken(ctx: Context, email: string): Promise<Refusal> {
  const account = await findByAddress(ctx, email)
  if (account?.population !== 'subscriber') return new Refusal('account.exists')
  if (account.signing_up === '') return new Refusal('signup.done')
  return new Refusal(account.awaiting_confirmation ? 'signup.awaiting-mail' : 'signup.awaiting-device')
}

/**
 * Makes a subscriber without a password, and mails him the link that completes it. Refuses like `createAccount`, with
 * 'mail.off', 'server.busy' and 'rate.exceeded', and for one who is there already with 'signup.done', 'signup.awaiting-mail' or 'signup.awaiting-device'.
 */
export async function signUp(
  ctx: Context,
  {
    caller,
    wanted,
    origin,
  }: { caller: Actor; wanted: Pick<NewAccount, 'email' | 'owner' | 'signingUp'>; origin: Origin },
): Promise<Account> {
  const fixed = {
    role: 'subscriber',
    population: 'subscriber',
    awaitsConfirmation: true,
    mustChangePassword: true,
  } as const
  await judgeOutbox(ctx)
  return createAccount(ctx, {
    caller,
    wanted: { ...wanted, ...fixed },
    origin,
    async also(ctx, account) {
      // A provisioning service signs up as many as come; whoever they are, each address has its own bound.
      await judgeSending(ctx, account, isService(caller) ? null : caller)
      await sendLink(ctx, { account, purpose: 'signup', actor: caller.id, origin })
    },
  }).catch(async (error: unknown) => {
    throw isRefusal(error, 'account.exists') ? await whyTaken(ctx, wanted.email) : error
  })
}
