import { atomically, type Context } from '#src/context.ts'
import type { Origin } from '#src/domain/caller.ts'
import { Refusal } from '#src/domain/refusals.ts'
import { gauge, takeTurns } from '#src/domain/throttles/throttles.ts'
import {
  accountScope,
  changePolicy,
  defaultPolicy,
  domainOf,
  domainScope,
  type Policy,
  type PolicyChanges,
  type PolicyKey,
  policyAt,
  policyKeys,
} from './policy.ts'

/** Somewhere that something may be said, for a domain or for one account. */
interface Layer {
  from: 'domain' | 'account'
  scope: string
}

/** Where something may be said for an account, or for a whole domain: what comes later wins over what comes earlier. */
export type Layers = readonly [...Layer[], Layer]

export const layersOfDomain = (domain: string): Layers => [{ from: 'domain', scope: domainScope(domain) }]

export const layersOfAccount = (account: { id: string; email: string }): Layers => [
  ...layersOfDomain(domainOf(account.email)),
  { from: 'account', scope: accountScope(account) },
]

/** One value of a policy, and who said it. */
export interface Explained {
  key: PolicyKey
  value: Policy[PolicyKey]
  from: 'setting' | Layer['from']
}

const saidAt = (ctx: Context, layers: Layers) =>
  Promise.all(layers.map(async ({ from, scope }) => ({ from, said: await policyAt(ctx, scope) })))

const resulting = async (ctx: Context, layers: Layers): Promise<Policy> =>
  Object.assign({}, defaultPolicy(ctx), ...(await saidAt(ctx, layers)).map(({ said }) => said))

/** What holds, value by value, and where it comes from. */
export async function explainPolicy(ctx: Context, layers: Layers): Promise<Explained[]> {
  const said = await saidAt(ctx, layers)
  const common = defaultPolicy(ctx)
  return policyKeys.map((key) => {
    const decided = said.findLast((layer) => layer.said[key] !== undefined)
    return { key, value: decided?.said[key] ?? common[key], from: decided?.from ?? 'setting' }
  })
}

const offered: Record<Policy['twoStepMethods'][number], (policy: Policy) => boolean> = {
  authApp: () => true,
  email: ({ alternateEmailAddress }) => alternateEmailAddress,
  sms: ({ phoneNumber }) => phoneNumber,
}

/** Policies that nobody can keep. */
const contradictions = {
  'no password is long and short enough': ({ passwordMinLength, passwordAloneMinLength, passwordMaxLength }) =>
    Math.max(passwordMinLength, passwordAloneMinLength) > passwordMaxLength,
  'a second step is asked for, and there is no method for it': ({ twoStep, twoStepMethods, ...rest }) =>
    twoStep === 'mandatory' && !twoStepMethods.some((method) => offered[method]({ twoStep, twoStepMethods, ...rest })),
} satisfies Record<string, (policy: Policy) => boolean>

const contradictionsIn = (policy: Policy): string[] =>
  Object.entries(contradictions).flatMap(([name, isThere]) => (isThere(policy) ? [name] : []))

/**
 * Decides for the last of `layers`; `undefined` takes a value back. Refuses with 'policy.contradictory', and says how,
 * what makes a policy that nobody could keep. It holds from the next request on.
 */
export async function decidePolicy(
  ctx: Context,
  {
    layers,
    changes,
    account = null,
    actor,
    origin,
  }: { layers: Layers; changes: PolicyChanges; account?: string | null; actor: string; origin: Origin },
): Promise<void> {
  await atomically(ctx, async (ctx) => {
    const { scope } = layers.at(-1)!
    // Two who decide at once decide one after the other: neither takes back what the other has said.
    await takeTurns(ctx, gauge(ctx, 'policy', scope, 1))
    const old = contradictionsIn(await resulting(ctx, layers))
    await changePolicy(ctx, { scope, changes, account, actor, origin })
    const fresh = contradictionsIn(await resulting(ctx, layers)).filter((one) => !old.includes(one))
    if (fresh.length > 0) throw new Refusal('policy.contradictory', { params: fresh })
  })
}
