import { z } from 'zod'
import { createAccount, deleteAccount, isRole, readAccount } from '#src/domain/accounts/accounts.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { flag, id, LONG, Notes, secret, text, truth } from './input.ts'
import { passwordRule } from './password-rule.ts'
import { complaint } from './refuse.ts'
import { change } from './user-change.ts'
import { UserInfo, userInfo } from './user-info.ts'

const path = z.object({ id })

const read = endpoint({
  at: 'GET /user/{id}',
  what: 'The record of a user, by id or by address',
  who: 'a full session',
  in: { path, query: z.object({ byEmail: flag }) },
  out: UserInfo,
  async does(ctx, { path, query }, { account: caller }) {
    return userInfo(ctx, await readAccount(ctx, { caller, id: path.id, byAddress: query.byEmail }))
  },
})

// What is not named here is not taken: id, flags of confirmation, dates, policies are the server's own.
const NewUser = z.object({
  email: text(),
  userRole: text(),
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

const create = endpoint({
  at: 'POST /user/{id}',
  what: 'Make a user; the id in the path is 0',
  who: 'a full session',
  in: { path, query: z.object({ email_verification: flag, entity: text() }), body: NewUser },
  out: UserInfo,
  async does(ctx, { path, query, body }, { account: caller }, { origin }) {
    if (path.id !== '0') throw complaint(1038)
    if (query.email_verification) throw new Refusal('feature.missing')
    const { email = '', userRole = '', currentPassword, changePassword, ...rest } = body
    const role = userRole.toLowerCase()
    if (!isRole(role)) throw new Refusal('account.role-invalid')
    const made = await createAccount(ctx, {
      caller,
      wanted: {
        ...rest,
        email,
        role,
        password: currentPassword,
        mustChangePassword: changePassword,
        owner: query.entity,
      },
      rule: passwordRule(ctx),
      origin,
    })
    return userInfo(ctx, made)
  },
})

const remove = endpoint({
  at: 'DELETE /user/{id}',
  what: 'Delete a user with all that hangs on the account',
  who: 'a full session',
  in: { path },
  async does(ctx, { path }, { account: caller }, { origin }) {
    await deleteAccount(ctx, { caller, id: path.id, origin })
  },
})

export const user = [read, create, change, remove]
