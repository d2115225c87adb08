import type { Context } from '#src/context.ts'
import { endEverySession } from '#src/domain/accounts/accounts.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import { changeKeyPassword, judgeKeyPassword, resetKeyPassword, storeAuth } from '#src/domain/keys/keys.ts'
import { tell } from '#src/domain/messages/messages.ts'
import { isRefusal, Refusal, saidAs } from '#src/domain/refusals.ts'
import { endOtherSessions, type Signed } from '#src/domain/sessions/sessions.ts'
import { publicBase } from '#src/lib/public-base.ts'
import { type Guest, guestOf } from './finding.ts'
import { initialOf } from './initial.ts'
import { type Question, questionFor } from './questions.ts'
import { type Hold, signInGuest } from './signing-in.ts'
import * as store from './store.ts'

interface Change {
  signed: Signed
  /** may be left out by who has chosen none yet and was mailed none */
  oldPassword?: string | undefined
  newPassword: string
  /** stays as it is where absent */
  question?: Question | undefined
  origin: Origin
}

async function oldPasswordOf(ctx: Context, guest: Guest, given: string | undefined): Promise<string> {
  if (given !== undefined) return given
  const initial = guest.hasPassword || guest.needsInitial ? null : await initialOf(ctx, guest)
  if (initial === null) throw new Refusal('key.password-missing')
  return initial
}

/**
 * Gives a guest the password that he chooses. His other sessions end, and every other token is void; answers a new one,
 * which is also left with the session. Refuses with 'key.password-missing', 'key.password-short', 'key.password-wrong',
 * 'key.delayed', and with 'guest.has-password' when a first one was chosen meanwhile.
 */
export async function changeGuestPassword(ctx: Context, change: Change): Promise<string> {
  const { newPassword, question, origin } = change
  const guest = await guestOf(ctx, change.signed.account.id)
  if (!guest) throw new Refusal('guest.unknown')
  const { account, hasPassword } = guest
  const signed = { ...change.signed, account }
  const oldPassword = await oldPasswordOf(ctx, guest, change.oldPassword)
  const also = async (ctx: Context) => {
    if (!hasPassword && !(await store.endInitial(ctx, account.id))) throw new Refusal('guest.has-password')
    if (question) await store.changeGuest(ctx, account.id, questionFor(ctx, account.id, question))
    await endOtherSessions(ctx, { signed, origin })
    await record(ctx, { event: 'guest.password-set', account: account.id, origin, detail: { first: !hasPassword } })
    // Who has just chosen his first one knows.
    if (hasPassword) await tell(ctx, { ...account, locale: guest.language }, 'guest.password-changed')
  }
  const auth = await changeKeyPassword(ctx, { signed, oldPassword, newPassword, origin, also }).catch(
    (error: unknown) => {
      // Of two at the same instant the other was faster: what we tried is its password no more.
      if (change.oldPassword === undefined && isRefusal(error, 'key.password-wrong', 'server.busy'))
        throw new Refusal('guest.has-password')
      throw error
    },
  )
  await storeAuth(ctx, signed, { token: auth, minutes: 0 })
  return auth
}

/**
 * Gives a guest his first password, for who shows a mail of his and the PIN, where there is one; signs him in, and
 * answers like `changeGuestPassword`. Refuses with 'key.password-short', 'guest.item-unknown' (whether there is such a
 * guest or not), 'key.delayed', and to who has shown it with 'guest.pin-wrong', 'guest.has-password', and
 * 'key.password-missing' when a first password was mailed.
 */
export async function chooseFirstPassword(
  ctx: Context,
  {
    newPassword,
    question,
    ...wish
  }: {
    address: string
    itemId: string
    pin?: string | undefined
    newPassword: string
    question: Question
    hold: Hold
    origin: Origin
  },
): Promise<{ signed: Signed; guest: Guest; auth: string }> {
  judgeKeyPassword(ctx, newPassword)
  const entered = await signInGuest(ctx, wish).catch((error: unknown) => {
    // Who has shown the mail is told that a first password was mailed; nobody else is told anything.
    const tells = !isRefusal(error, 'key.password-missing') || error.facts.why === 'mailed'
    throw tells ? error : new Refusal('guest.item-unknown')
  })
  const { signed, guest } = entered
  const change = { signed, newPassword, question, origin: wish.origin }
  // He came in without one: somebody has chosen it since.
  const auth = await changeGuestPassword(ctx, change).catch(saidAs('guest.has-password', 'key.password-missing'))
  return { signed, guest, auth }
}

/**
 * Mails a guest a new random password, through the second copy of his key; his sessions end. `language` and `set`: of
 * the letter. Refuses with 'key.recovery-off', 'mail.off', 'rate.exceeded' and 'server.busy'.
 */
export async function resetGuestPassword(
  ctx: Context,
  {
    guest,
    actor = null,
    language,
    set = ctx.config.templateId,
    origin,
  }: { guest: Guest; actor?: string | null; language?: string | undefined; set?: number | undefined; origin: Origin },
): Promise<void> {
  const { account } = guest
  const letter = {
    template: actor === null ? 'guest_password_reset' : 'guest_password_by_desk',
    locale: language || guest.language,
    set,
    link: `${publicBase(ctx.config)}/guest`,
  } as const
  await resetKeyPassword(ctx, {
    account,
    actor,
    origin,
    letter,
    async also(ctx) {
      await store.endInitial(ctx, account.id)
      await endEverySession(ctx, account.id)
      await record(ctx, { event: 'guest.password-reset', account: account.id, actor, origin })
    },
  })
}
