import { z } from 'zod'
import type { Context } from '#src/context.ts'
import { type Account, type Note, notesOf } from '#src/domain/accounts/accounts.ts'
import { type Factor, factorsOfMany, type Kind, stepFactor } from '#src/domain/factors/factors.ts'
import { type Policy, policiesOf } from '#src/domain/policy/policy.ts'
import { toEpochSeconds } from '#src/lib/clock.ts'

/** The words of this protocol for the kinds of second factor. */
export const methods = { authApp: 'authenticator', email: 'email', sms: 'sms' } as const satisfies Record<Kind, string>

export const UserInfo = z.object({
  avatar: z.string(),
  blackListed: z.boolean(),
  changePassword: z.boolean(),
  creationDate: z.int(),
  currentLoginURI: z.string(),
  currentPassword: z.string(),
  description: z.string(),
  email: z.string(),
  id: z.string(),
  lastEmailCheck: z.int(),
  lastLogin: z.int(),
  lastPasswordChange: z.int(),
  lastPasswords: z.array(z.string()),
  locale: z.string(),
  location: z.string(),
  modified: z.int(),
  name: z.string(),
  notes: z.array(z.object({ created: z.int(), createdBy: z.string(), note: z.string() })),
  oauthType: z.string(),
  oauthUserInfo: z.string(),
  owner: z.string(),
  securityPolicy: z.string(),
  securityPolicyChange: z.int(),
  signingUp: z.string(),
  suspended: z.boolean(),
  userRole: z.string(),
  userTypeProprietaryInfo: z.object({
    authenticatorSecret: z.string(),
    mfa: z.object({ enabled: z.boolean(), method: z.string() }),
    mobiles: z.array(z.object({ number: z.string(), primary: z.boolean(), verified: z.boolean() })),
  }),
  validated: z.boolean(),
  validationDate: z.int(),
  validationEmail: z.string(),
  validationURI: z.string(),
  waitingForEmailCheck: z.boolean(),
})

export type UserInfo = z.output<typeof UserInfo>

/** What is kept beside an account. */
interface Kept {
  notes: readonly Note[]
  factors: readonly Factor[]
  policy: Policy
}

function secondFactors(ctx: Context, account: Account, { factors, policy }: Kept): UserInfo['userTypeProprietaryInfo'] {
  const asked = account.two_step ? stepFactor(ctx, { account, policy, factors }) : undefined
  const mobiles = factors.filter(({ kind }) => kind === 'sms')
  const primary = mobiles.find(({ id }) => id === account.preferred_factor) ?? mobiles[0]
  return {
    authenticatorSecret: '',
    mfa: { enabled: account.two_step === 1, method: asked ? methods[asked.kind as Kind] : '' },
    // The one in force first: clients send the first back as the one they mean.
    mobiles: mobiles
      .toSorted((one, other) => Number(other === primary) - Number(one === primary))
      .map((factor) => ({ number: factor.target, primary: factor === primary, verified: true })),
  }
}

function written(ctx: Context, account: Account, kept: Kept): UserInfo {
  return {
    avatar: account.avatar,
    blackListed: account.black_listed === 1,
    changePassword: account.must_change_password === 1,
    creationDate: toEpochSeconds(account.created),
    currentLoginURI: '',
    // Hashes, old hashes and seeds stay here; the members stay for clients that insist on them.
    currentPassword: '',
    description: account.description,
    email: account.email,
    id: account.id,
    lastEmailCheck: toEpochSeconds(account.confirmed_at),
    lastLogin: toEpochSeconds(account.last_sign_in),
    lastPasswordChange: toEpochSeconds(account.last_password_change),
    lastPasswords: [],
    locale: account.locale,
    location: account.location,
    modified: toEpochSeconds(account.modified),
    name: account.name,
    notes: kept.notes.map(({ created, created_by, note }) => ({
      created: toEpochSeconds(created),
      createdBy: created_by,
      note,
    })),
    oauthType: '',
    oauthUserInfo: '',
    owner: account.owner,
    securityPolicy: '',
    securityPolicyChange: 0,
    signingUp: account.signing_up,
    suspended: account.suspended === 1,
    userRole: account.role,
    userTypeProprietaryInfo: secondFactors(ctx, account, kept),
    validated: account.confirmed === 1,
    validationDate: toEpochSeconds(account.confirmed_at),
    validationEmail: '',
    validationURI: '',
    waitingForEmailCheck: account.awaiting_confirmation === 1,
  }
}

/** The records of several accounts, in three queries however many they are. */
export async function userInfos(ctx: Context, accounts: readonly Account[]): Promise<UserInfo[]> {
  const ids = accounts.map(({ id }) => id)
  const notes = Map.groupBy(await notesOf(ctx, ids), ({ account_id }) => account_id)
  const factors = Map.groupBy(await factorsOfMany(ctx, ids), ({ account_id }) => account_id)
  const policies = await policiesOf(ctx, accounts)
  return accounts.map((account) =>
    written(ctx, account, {
      notes: notes.get(account.id) ?? [],
      factors: factors.get(account.id) ?? [],
      policy: policies.get(account.id)!,
    }),
  )
}

export const userInfo = async (ctx: Context, account: Account): Promise<UserInfo> =>
  (await userInfos(ctx, [account]))[0]!
