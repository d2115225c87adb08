import { z } from 'zod'
import { atomically, type Context } from '#src/context.ts'
import {
  type Account,
  type Actor,
  accountToChange,
  type Changes,
  changeAccount,
  countedPasswordChange,
  findAccount,
  isRole,
  judgeChanges,
  judgeOwnChange,
  judgePassword,
  setPassword,
} from '#src/domain/accounts/accounts.ts'
import { takeAccountBack, tellEverywhere } from '#src/domain/factors/factors.ts'
import { requireConfirmation, sendPasswordLink } from '#src/domain/recovery/recovery.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { keepSession, resetSecondStep } from '#src/domain/sessions/sessions.ts'
import { type Asker, endpoint, type Incoming } from '#src/http/endpoint.ts'
import { judgeElevated, judgePerson } from './callers.ts'
import { Done, done } from './done.ts'
import type { Door } from './doors.ts'
import { flag, id, LONG, Notes, text, truth } from './input.ts'
import { passwordRule } from './password-rule.ts'
import { switchTwoStep, type TwoStepWish } from './two-step.ts'
import { UserInfo, userInfo } from './user-info.ts'

const ProprietaryInfo = z.object({
  mfa: z.object({ enabled: truth, method: text() }).nullish(),
  mobiles: z.array(z.object({ number: text() })).nullish(),
})

const ChangedUser = z.object({
  name: text(),
  description: text(LONG),
  location: text(),
  locale: text(),
  owner: text(),
  userRole: text(),
  changePassword: truth,
  suspended: truth,
  blackListed: truth,
  notes: Notes,
  // Unlike elsewhere an empty one is not "none": upstream turns it down, and so do we.
  currentPassword: z.string().nullish(),
  userTypeProprietaryInfo: ProprietaryInfo.nullish(),
})

type Changed = z.output<typeof ChangedUser>

function changesOf(body: Changed): Changes {
  const { name, description, location, locale, owner, userRole, changePassword, suspended, blackListed, notes } = body
  const role = userRole?.toLowerCase()
  if (role !== undefined && !isRole(role)) throw new Refusal('account.role-invalid')
  const fields = { name, description, location, locale, owner, role, suspended, blackListed, notes }
  return { ...fields, mustChangePassword: changePassword }
}

const wishOf = ({ userTypeProprietaryInfo: info }: Changed): TwoStepWish | null =>
  info
    ? { isOn: info.mfa?.enabled ?? false, method: info.mfa?.method, number: info.mobiles?.[0]?.number || undefined }
    : null

async function judgedHash(
  ctx: Context,
  { caller, account, body: { currentPassword } }: { caller: Actor; account: Account; body: Changed },
): Promise<string | null> {
  if (currentPassword === undefined || currentPassword === null) return null
  if (caller.id === account.id) await judgeOwnChange(ctx, account)
  await judgePassword(ctx, { account, password: currentPassword, rule: passwordRule(ctx) })
  return ctx.workers.passwords.hash(currentPassword)
}

/** All of a change or nothing of it. */
async function apply(
  ctx: Context,
  {
    caller,
    target,
    body,
    toConfirm,
    incoming,
  }: { caller: Asker; target: Account; body: Changed; toConfirm: boolean; incoming: Incoming },
): Promise<Account> {
  const { origin } = incoming
  const changes = changesOf(body)
  const wish = wishOf(body)
  // Before anything is hashed: an answer about a password is not for who may not change the rest.
  judgeChanges(caller.account, target, changes)
  const isOwn = caller.account.id === target.id
  if (body.currentPassword != null || wish) {
    judgePerson(caller, target)
    await judgeElevated(ctx, caller, incoming)
  }
  const { role = target.role } = changes
  if (role !== target.role) {
    judgePerson(caller, { id: target.id, role })
    await judgeElevated(ctx, caller, incoming)
  }
  const hash = await judgedHash(ctx, { caller: caller.account, account: target, body })
  return atomically(ctx, async (ctx) => {
    let account = await changeAccount(ctx, { caller: caller.account, id: target.id, changes, origin })
    if (hash) {
      const actor = isOwn ? undefined : caller.account.id
      const mustChange = !isOwn && changes.mustChangePassword === true
      account = await setPassword(ctx, { account, hash, actor, origin, mustChange })
      await tellEverywhere(ctx, account, isOwn ? 'password.changed' : 'password.set')
      // Whoever changed his own password goes on; everybody else who was signed in as him does not.
      if (caller.session && isOwn) await keepSession(ctx, caller.session, account)
      if (!isOwn) await takeAccountBack(ctx, { account, actor, origin })
    }
    if (wish) await switchTwoStep(ctx, { caller: caller.account, account, wish, origin })
    if (toConfirm) await requireConfirmation(ctx, { caller: caller.account, account, origin })
    return (await findAccount(ctx, target.id)) ?? account
  })
}

export const change = (door: Door) =>
  endpoint({
    at: `PUT ${door.one}/{id}`,
    what: 'Change a user; members that are absent stay as they are',
    who: 'a session, key or service',
    in: {
      path: z.object({ id }),
      query: z.object({ email_verification: flag, resetMFA: flag, forgotPassword: flag, resetPassword: flag }),
      body: ChangedUser.optional(),
    },
    out: z.union([UserInfo, Done]),
    async does(ctx, { path, query, body }, caller, incoming) {
      const { origin } = incoming
      const { account: actor } = caller
      const target = await accountToChange(ctx, { caller: actor, id: path.id, population: door.population })
      if (query.resetMFA || query.forgotPassword) judgePerson(caller, target)
      if (query.resetMFA) {
        await judgeElevated(ctx, caller, incoming)
        const note = `MFA Reset by ${actor.email}`
        return userInfo(ctx, await resetSecondStep(ctx, { caller: actor, id: target.id, note, origin }))
      }
      if (query.forgotPassword || (query.resetPassword && door.population === 'subscriber')) {
        await sendPasswordLink(ctx, { caller: actor, account: target, origin })
        return done('PUT')
      }
      if (!body) throw new Refusal('input.invalid', { params: ['body'] })
      const toConfirm = query.email_verification
      const change = () => apply(ctx, { caller, target, body, toConfirm, incoming })
      return userInfo(ctx, await (body.currentPassword ? countedPasswordChange(ctx, target, change) : change()))
    },
  })
