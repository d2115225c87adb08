import { z } from 'zod'
import { mayDecideForDomain, overseenAccount, reachOver } from '#src/domain/accounts/accounts.ts'
import { explainPolicy, layersOfAccount, layersOfDomain } from '#src/domain/policy/policy.ts'
import { decideForAccount, decideForDomain } from '#src/domain/supporting/supporting.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { isAddress } from '#src/lib/mail-address.ts'
import { Explained, idPath, query } from './people-shapes.ts'
import { Changes, changesIn, policyByKey } from './policy-values.ts'

const Policy = z.object({ policy: Explained })

const show = endpoint({
  at: 'GET /accounts/{id}/policy',
  what: 'What holds for an account, value by value, and who said it: the account, its domain, or the settings',
  who: 'a full session',
  in: { path: idPath, query },
  out: Policy,
  async does(ctx, { path: { id } }, { account: caller }) {
    const account = await overseenAccount(ctx, { caller, id })
    return { policy: policyByKey(await explainPolicy(ctx, layersOfAccount(account))) }
  },
})

const decide = endpoint({
  at: 'PUT /accounts/{id}/policy',
  what: 'Say what holds for one account; null takes a value back. All of it or nothing',
  who: 'a full, elevated session',
  in: { path: idPath, query, body: Changes },
  out: Policy,
  async does(ctx, { path: { id }, body }, { account: caller }, { origin }) {
    const account = await decideForAccount(ctx, { caller, id, changes: changesIn(ctx, body), origin })
    return { policy: policyByKey(await explainPolicy(ctx, layersOfAccount(account))) }
  },
})

const domainPath = z.strictObject({
  domain: z
    .string()
    .trim()
    .toLowerCase()
    .max(253)
    .refine((domain) => isAddress(`a@${domain}`)),
})

const DomainPolicy = Policy.extend({ rights: z.object({ protect: z.boolean() }) })

const showDomain = endpoint({
  at: 'GET /domains/{domain}/policy',
  what: 'What holds for the accounts of a domain where nothing else is said for them',
  who: 'a full session',
  in: { path: domainPath, query },
  out: DomainPolicy,
  async does(ctx, { path: { domain } }, { account: caller }) {
    // Whoever looks after nobody is not shown what is asked of others.
    reachOver(caller)
    const policy = policyByKey(await explainPolicy(ctx, layersOfDomain(domain)))
    return { policy, rights: { protect: await mayDecideForDomain(ctx, caller, domain) } }
  },
})

const decideDomain = endpoint({
  at: 'PUT /domains/{domain}/policy',
  what: 'Say what holds for every account of a domain; null takes a value back. All of it or nothing',
  who: 'a full, elevated session',
  in: { path: domainPath, query, body: Changes },
  out: Policy,
  async does(ctx, { path: { domain }, body }, { account: caller }, { origin }) {
    await decideForDomain(ctx, { caller, domain, changes: changesIn(ctx, body), origin })
    return { policy: policyByKey(await explainPolicy(ctx, layersOfDomain(domain))) }
  },
})

export const peoplePolicy = [show, decide, showDomain, decideDomain]
