import { atomically, type Context } from '#src/context.ts'
import { record } from '#src/domain/audit/audit.ts'
import type { Origin } from '#src/domain/caller.ts'
import * as store from './store.ts'

export {
  decidePolicy,
  type Explained,
  explainPolicy,
  type Layers,
  layersOfAccount,
  layersOfDomain,
} from './deciding.ts'

type Config = Context['config']

/** What an operator may decide for one domain or one account; the settings of these names decide for everybody else. */
export const policyKeys = [
  'twoStep',
  'twoStepMethods',
  'twoStepGraceDays',
  'trustedDeviceDays',
  'basicNeedsFactor',
  'passkeySignIn',
  'appPasswords',
  'alternateEmailAddress',
  'phoneNumber',
  'methodsMandatory',
  'methodsUpdateDays',
  'usernameRecoveryMethods',
  'passwordRecoveryMethods',
  'passwordMinLength',
  'passwordAloneMinLength',
  'passwordMaxLength',
  'passwordMustInclude',
  'passwordHistory',
  'passwordRenewalDays',
  'passwordExpiryDays',
  'passwordChangeByUser',
] as const satisfies readonly (keyof Config)[]

export type PolicyKey = (typeof policyKeys)[number]
export type Policy = Pick<Config, PolicyKey>
/** What is to be said from now on; `undefined` for nothing. */
export type PolicyChanges = { [K in PolicyKey]?: Policy[K] | undefined }

/** Whom a policy is for. */
interface Subject {
  id: string
  email: string
}

/** What a policy is kept under. */
export const accountScope = ({ id }: { id: string }): string => `account:${id}`
export const domainScope = (domain: string): string => `domain:${domain.toLowerCase()}`

export const domainOf = (address: string): string => address.slice(address.lastIndexOf('@') + 1)

const scopesOf = (subject: Subject): string[] => [domainScope(domainOf(subject.email)), accountScope(subject)]

export const isPolicyKey = (key: string): key is PolicyKey => (policyKeys as readonly string[]).includes(key)

/** What a row says; a key of another version says nothing. */
const said = (data: string): Partial<Policy> =>
  Object.fromEntries(Object.entries(JSON.parse(data)).filter(([key]) => isPolicyKey(key)))

/** What the settings say. */
export const defaultPolicy = ({ config }: Context): Policy =>
  Object.fromEntries(policyKeys.map((key) => [key, config[key]])) as unknown as Policy

/** The policies of many accounts, by their ids, in one query. */
export async function policiesOf(ctx: Context, subjects: readonly Subject[]): Promise<Map<string, Policy>> {
  const scopes = new Set(subjects.flatMap(scopesOf))
  const rows = scopes.size === 0 ? [] : await store.policiesAt(ctx, [...scopes])
  const byScope = new Map(rows.map(({ scope, data }) => [scope, said(data)]))
  const common = defaultPolicy(ctx)
  return new Map(
    subjects.map((subject) => [
      subject.id,
      byScope.size === 0 ? common : Object.assign({}, common, ...scopesOf(subject).map((scope) => byScope.get(scope))),
    ]),
  )
}

/** What holds for an account: its own policy before that of its domain, before the settings. */
export const policyOf = async (ctx: Context, subject: Subject): Promise<Policy> =>
  (await policiesOf(ctx, [subject])).get(subject.id)!

/** What holds for an address that may be nobody's: what its domain says. */
export const policyOfAddress = (ctx: Context, address: string): Promise<Policy> =>
  policyOf(ctx, { id: '', email: address })

/** Nothing is said any more for an account that is gone. */
export const forgetPolicy = async (ctx: Context, account: { id: string }): Promise<void> => {
  await store.removePolicy(ctx, accountScope(account))
}

/** What is said for a scope itself. */
export async function policyAt(ctx: Context, scope: string): Promise<Partial<Policy>> {
  const [row] = await store.policiesAt(ctx, [scope])
  return row ? said(row.data) : {}
}

/** Changes what is said for a scope; `undefined` says nothing any more. It holds from the next request on. */
export async function changePolicy(
  ctx: Context,
  {
    scope,
    changes,
    account = null,
    actor,
    origin,
  }: {
    scope: string
    changes: PolicyChanges
    account?: string | null
    actor: string
    origin: Origin
  },
): Promise<Partial<Policy>> {
  return atomically(ctx, async (ctx) => {
    // Through JSON, what is undefined is gone.
    const data = JSON.stringify({ ...(await policyAt(ctx, scope)), ...changes })
    if (data === '{}') await store.removePolicy(ctx, scope)
    else await store.putPolicy(ctx, { scope, data, modified: ctx.clock.now() })
    const detail = { scope, fields: Object.keys(changes).join(' ') }
    await record(ctx, { event: 'policy.changed', account, actor, origin, detail })
    return said(data)
  })
}
