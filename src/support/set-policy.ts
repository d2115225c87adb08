import { anyInDomain } from '#src/domain/accounts/accounts.ts'
import { decidePolicy, explainPolicy, layersOfAccount, layersOfDomain } from '#src/domain/policy/policy.ts'
import { isRefusal } from '#src/domain/refusals.ts'
import { accountAt, domainIn } from './finding.ts'
import { changedLines, policyChangesIn } from './policy-changes.ts'
import { policyByKey, policyLines } from './policy-page.ts'
import { type Desk, NotDone, type Verb } from './verb.ts'

type Decision = Pick<Parameters<typeof decidePolicy>[1], 'layers' | 'changes' | 'account'>

async function decide({ ctx, operator, origin }: Desk, decision: Decision): Promise<void> {
  await decidePolicy(ctx, { ...decision, actor: operator.id, origin }).catch((error: unknown) => {
    if (!isRefusal(error, 'policy.contradictory')) throw error
    throw new NotDone(`That contradicts itself: ${error.facts.params?.join('; ')}. Nothing was changed.`)
  })
}

const more = [
  'KEY=default takes a value back. What is said for the account wins over what is said for its domain, and that over',
  'the settings. It holds from the next request on; sessions that are open stay open. The keys are listed below.',
]

export const accountSetPolicy: Verb = {
  takes: 'ADDRESS KEY=VALUE … [--by NAME]',
  what: 'decide something for one account',
  more,
  examples: [
    'account set-policy ann@example.org twoStep=mandatory twoStepGraceDays=7',
    'account set-policy ann@example.org twoStepMethods=authApp,sms basicNeedsFactor=off',
    'account set-policy ann@example.org twoStep=default',
  ],
  options: ['by'],
  values: 'many',
  plan({ subject, values }) {
    const changes = policyChangesIn(values)
    return async (desk) => {
      const account = await accountAt(desk.ctx, subject)
      await decide(desk, { layers: layersOfAccount(account), changes, account: account.id })
      for (const line of changedLines(changes)) desk.say(`${account.email}: ${line}`)
    }
  },
}

export const domainSetPolicy: Verb = {
  takes: 'DOMAIN KEY=VALUE … [--by NAME]',
  what: 'decide something for every account of a domain',
  more: [...more, 'An account is of the domain of its primary address.'],
  examples: [
    'domain set-policy example.org twoStep=mandatory twoStepGraceDays=14',
    'domain set-policy example.org passwordRecoveryMethods=none',
    'domain set-policy example.org twoStep=default',
  ],
  options: ['by'],
  values: 'many',
  plan({ subject, values }) {
    const domain = domainIn(subject)
    const changes = policyChangesIn(values)
    return async (desk) => {
      await decide(desk, { layers: layersOfDomain(domain), changes })
      for (const line of changedLines(changes)) desk.say(`${domain}: ${line}`)
      if (!(await anyInDomain(desk.ctx, domain))) desk.say(`No account is of ${domain} yet.`)
    }
  },
}

export const domainShow: Verb = {
  takes: 'DOMAIN [--json]',
  what: 'the policy of a domain, and who said each value',
  more: ['What accounts have been told of their own is not in it: `chatelaine account show ADDRESS`.'],
  examples: ['domain show example.org', 'domain show example.org --json'],
  options: ['json'],
  plan({ subject, options }) {
    const domain = domainIn(subject)
    return async (desk) => {
      const policy = await explainPolicy(desk.ctx, layersOfDomain(domain))
      const hasAccounts = await anyInDomain(desk.ctx, domain)
      if (options.json) return desk.say(JSON.stringify({ domain, hasAccounts, policy: policyByKey(policy) }, null, 2))
      desk.say([domain, ...policyLines(policy)].join('\n'))
      if (!hasAccounts) desk.say(`No account is of ${domain} yet.`)
    }
  },
}
