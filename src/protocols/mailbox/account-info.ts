import { z } from 'zod'
import type { Context } from '#src/context.ts'
import {
  type Account,
  mayChangeOwnPassword,
  owesPassword,
  passwordExpiry,
  passwordPolicyOf,
} from '#src/domain/accounts/accounts.ts'
import { factorsOf, methodsExpiry } from '#src/domain/factors/factors.ts'
import { type Policy, policyOf } from '#src/domain/policy/policy.ts'
import { isFirstSignIn } from '#src/domain/sessions/sessions.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { days } from '#src/lib/clock.ts'
import { query, stamp } from './shapes.ts'

const expiring = { date: z.string(), warningInterval: z.number(), inWarningInterval: z.boolean() }
const ways = z.array(z.enum(['email', 'sms']))

const Restrictions = z.object({
  passwordPolicy: z.object({
    mustChangePassword: z.boolean(),
    contentPolicy: z.object({
      enabled: z.boolean(),
      minLength: z.number(),
      maxLength: z.number(),
      mustInclude: z.enum(['letters', 'lettersAndNumbers', 'lettersAndNumbersAndSpecial']),
    }),
    history: z.object({ enabled: z.boolean(), size: z.number() }),
    allowChangeByUser: z.boolean(),
    renewalInterval: z.object({ enabled: z.boolean(), interval: z.number() }),
    expiration: z.object({ enabled: z.boolean(), ...expiring }),
  }),
  temporaryAliases: z.object({ enabled: z.boolean(), maxNumberOfAliases: z.number() }),
  securityPolicy: z.object({
    securityMethods: z.object({
      isMandatory: z.boolean(),
      alternateEmailAddress: z.boolean(),
      phoneNumber: z.boolean(),
      updatePolicy: z.object(expiring),
    }),
    twoFactorAuthPolicy: z.object({
      status: z.enum(['disabled', 'enabled', 'mandatory']),
      methods: z.array(z.enum(['email', 'sms', 'authApp'])),
    }),
    usernameRecoveryMethods: ways,
    passwordRecoveryMethods: ways,
  }),
})

const Info = z.object({
  accountName: z.string(),
  domainName: z.string(),
  fullName: z.string(),
  folderContainerId: z.string(),
  accountClass: z.string(),
  totalMessageCount: z.number(),
  usedMessageCount: z.number(),
  remainingMessageCount: z.number(),
  totalQuota: z.number(),
  usedQuota: z.number(),
  remainingQuota: z.number(),
  overQuotaThreshold: z.number(),
  isFirstApiLogin: z.boolean(),
  allowConversationView: z.boolean(),
  autopurge: z.object({ spam: z.boolean(), trash: z.boolean(), interval: z.number() }),
  twoFactorAuthConfigured: z.boolean(),
  restrictions: Restrictions,
})

// This server keeps no mail: whatever is said of it says that there is none.
const NO_MAIL = {
  folderContainerId: '',
  accountClass: '',
  totalMessageCount: 0,
  usedMessageCount: 0,
  remainingMessageCount: 0,
  totalQuota: 0,
  usedQuota: 0,
  remainingQuota: 0,
  overQuotaThreshold: 0,
  allowConversationView: false,
  autopurge: { spam: false, trash: false, interval: 0 },
}

/** An end, and whether people are to be warned of it now. */
const shownExpiry = ({ clock }: Context, date: number | null, warningInterval: number) => ({
  date: stamp(date),
  warningInterval,
  inWarningInterval: date !== null && date - days(warningInterval) <= clock.now(),
})

function passwordPolicy(ctx: Context, account: Account, policy: Policy) {
  const { minLength, maxLength, mustInclude, historySize = 0, renewalInterval = 0 } = passwordPolicyOf(account, policy)
  const expiry = passwordExpiry(account, policy)
  return {
    mustChangePassword: owesPassword(account, policy, ctx.clock.now()),
    contentPolicy: { enabled: true, minLength, maxLength, mustInclude },
    history: { enabled: historySize > 0, size: historySize },
    allowChangeByUser: mayChangeOwnPassword(account, policy),
    renewalInterval: { enabled: renewalInterval > 0, interval: renewalInterval },
    expiration: { enabled: expiry !== null, ...shownExpiry(ctx, expiry, ctx.config.passwordExpiryWarningDays) },
  }
}

async function securityPolicy(ctx: Context, account: Account, policy: Policy) {
  const { methodsMandatory, alternateEmailAddress, phoneNumber, twoStep, twoStepMethods } = policy
  const expiry = methodsExpiry(await factorsOf(ctx, account.id), policy)
  return {
    securityMethods: {
      isMandatory: methodsMandatory,
      alternateEmailAddress,
      phoneNumber,
      // Clients are to ask from that day on, and not before.
      updatePolicy: shownExpiry(ctx, expiry, 0),
    },
    twoFactorAuthPolicy: { status: twoStep, methods: twoStepMethods },
    usernameRecoveryMethods: policy.usernameRecoveryMethods,
    passwordRecoveryMethods: policy.passwordRecoveryMethods,
  }
}

const info = endpoint({
  at: 'GET /account/info',
  what: 'Who the account is, and what the policy asks of it and lets it do',
  who: 'all but required',
  in: { query },
  out: Info,
  async does(ctx, _input, { account, session }): Promise<z.output<typeof Info>> {
    const policy = await policyOf(ctx, account)
    const at = account.email.lastIndexOf('@')
    return {
      accountName: account.email.slice(0, at),
      domainName: account.email.slice(at + 1),
      fullName: account.name,
      ...NO_MAIL,
      isFirstApiLogin: await isFirstSignIn(ctx, session),
      twoFactorAuthConfigured: account.two_step === 1,
      restrictions: {
        passwordPolicy: passwordPolicy(ctx, account, policy),
        temporaryAliases: { enabled: false, maxNumberOfAliases: 0 },
        securityPolicy: await securityPolicy(ctx, account, policy),
      },
    }
  },
})

export const accountEndpoints = [info]
