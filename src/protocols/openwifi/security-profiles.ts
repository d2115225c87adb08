import { z } from 'zod'
import { describeRoles } from '#src/domain/accounts/accounts.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { count, text } from './input.ts'

const accesses = ['NONE', 'READ', 'MODIFY', 'DELETE', 'CREATE', 'TEST', 'MOVE'] as const

const Profile = z.object({
  description: z.string(),
  id: z.int(),
  name: z.string(),
  notes: z.array(z.object({ created: z.int(), createdBy: z.string(), note: z.string() })),
  policy: z.array(z.object({ access: z.enum(accesses), resource: z.string() })),
  role: z.string(),
})

type Profile = z.output<typeof Profile>
type Described = ReturnType<typeof describeRoles>[number]
type Rule = Profile['policy'][number]

/** `self` is the caller's own account, `users` and `subscribers` are the lists, `role:csr` the accounts of that role. */
function policyOf({ reads, creates, modifies, deletes, leaves }: Described): Rule[] {
  const may = (access: Rule['access'], resources: readonly string[]): Rule[] =>
    resources.map((resource) => ({ access, resource }))
  const seen = (isSeen: boolean): Rule['access'] => (isSeen ? 'READ' : 'NONE')
  const ofRole = (role: string) => `role:${role}`
  return [
    ...may('READ', ['self']),
    ...may('MODIFY', ['self']),
    ...may('DELETE', leaves ? ['self'] : []),
    ...may(seen(reads === 'everybody'), ['users']),
    ...may(seen(reads !== 'nobody'), ['subscribers']),
    ...may('CREATE', creates.map(ofRole)),
    ...may('MODIFY', modifies.map(ofRole)),
    ...may('DELETE', deletes.map(ofRole)),
  ]
}

const listed = (words: readonly string[]): string => (words.length === 0 ? 'nobody' : words.join(', '))

const profileOf = (described: Described, index: number): Profile => ({
  description: [
    `Sees ${described.reads}`,
    `creates ${listed(described.creates)}`,
    `changes ${listed(described.modifies)}`,
    `deletes ${listed(described.deletes)}.`,
  ].join('; '),
  id: index + 1,
  name: described.role,
  notes: [],
  policy: policyOf(described),
  role: described.role,
})

export const securityProfiles = endpoint({
  at: 'GET /securityProfiles',
  what: 'The roles and what each of them may do; fixed, so there is nothing to change here',
  who: 'a session or key',
  in: {
    query: z.object({
      offset: count(1, Number.MAX_SAFE_INTEGER),
      limit: count(Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER),
      filter: text(),
    }),
  },
  out: z.object({ profiles: z.array(Profile) }),
  async does(_ctx, { query: { offset, limit, filter = '' } }) {
    const wanted = filter.toLowerCase()
    const profiles = describeRoles()
      .map(profileOf)
      .filter(({ name }) => name.includes(wanted))
    const first = Math.max(offset, 1) - 1
    return { profiles: profiles.slice(first, first + limit) }
  },
})
