import { z } from 'zod'
import { createAccount, deleteAccount, isRole, readAccount } from '#src/domain/accounts/accounts.ts'
import { sendConfirmationLink } from '#src/domain/recovery/recovery.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { judgeElevated, judgePerson } from './callers.ts'
import type { Door } from './doors.ts'
import { flag, id, LONG, Notes, secret, text, truth } from './input.ts'
import { passwordRule } from './password-rule.ts'
import { complaint } from './refuse.ts'
import { change } from './user-change.ts'
import { UserInfo, userInfo } from './user-info.ts'

const path = z.object({ id })

const read = (door: Door) =>
  endpoint({
    at: `GET ${door.one}/{id}`,
    what: 'The record of a user, by id or by address',
    who: 'a session, key or service',
    in: { path, query: z.object({ byEmail: flag }) },
    out: UserInfo,
    async does(ctx, { path, query }, { account: caller }) {
      const { population } = door
      return userInfo(ctx, await readAccount(ctx, { caller, id: path.id, byAddress: query.byEmail, population }))
    },
  })

// What is not named here is not taken: id, flags of confirmation, dates, policies are the server's own.
const NewUser = z.object({
  email: text(),
  userRole: text(),
  owner: text(),
  name: text(),
  description: text(LONG),
  location: text(),
  locale: text(),
  currentPassword: secret,
  changePassword: truth,
  suspended: truth,
  blackListed: truth,
  notes: Notes,
})

const create = (door: Door) =>
  endpoint({
    at: `POST ${door.one}/{id}`,
    what: 'Make a user; the id in the path is 0',
    who: 'a session, key or service',
    in: { path, query: z.object({ email_verification: flag, entity: text() }), body: NewUser },
    out: UserInfo,
    async does(ctx, { path, query, body }, asker, incoming) {
      const { account: caller } = asker
      const { origin } = incoming
      if (path.id !== '0') throw complaint(1038)
      const { email = '', userRole = '', currentPassword, changePassword, owner, ...rest } = body
      const { population } = door
      const role = userRole.toLowerCase()
      if (!isRole(role)) throw new Refusal('account.role-invalid')
      judgePerson(asker, { id: '', role })
      // Whoever finds an open session must not leave himself an account that outlives it.
      if (role !== 'subscriber') await judgeElevated(ctx, asker, incoming)
      const made = await createAccount(ctx, {
        caller,
        wanted: {
          ...rest,
          email,
          role,
          population,
          password: currentPassword,
          mustChangePassword: changePassword,
          awaitsConfirmation: query.email_verification,
          owner: population === 'subscriber' ? (query.entity ?? owner) : query.entity,
        },
        rule: passwordRule(ctx),
        origin,
        async also(ctx, account) {
          if (query.email_verification) await sendConfirmationLink(ctx, { caller, account, origin })
        },
      })
      return userInfo(ctx, made)
    },
  })

const remove = (door: Door) =>
  endpoint({
    at: `DELETE ${door.one}/{id}`,
    what: 'Delete a user with all that hangs on the account',
    who: 'a session, key or service',
    in: { path },
    async does(ctx, { path }, asker, incoming) {
      const { account: caller } = asker
      if (caller.id === path.id) {
        judgePerson(asker, caller)
        await judgeElevated(ctx, asker, incoming)
      }
      await deleteAccount(ctx, { caller, id: path.id, population: door.population, origin: incoming.origin })
    },
  })

export const user = (door: Door) => [read(door), create(door), change(door), remove(door)]
