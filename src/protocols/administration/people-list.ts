import { z } from 'zod'
import { reachOver, searchAccounts } from '#src/domain/accounts/accounts.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { cursorOf, placeIn } from './cursor.ts'
import { after, limit, Person, person, population, query, role, sessionQuery, sought } from './people-shapes.ts'

export const search = sought(254).default('')

const Place = z.strictObject({
  part: z.int().min(0).max(9),
  key: sought(400),
  tie: sought(254),
})

const reach = endpoint({
  at: 'GET /reach',
  what: 'What the caller may do to people: whose lists he may see, and accounts of which roles he may make',
  who: 'a full session',
  in: { query },
  out: z.object({
    lists: z.array(population),
    creates: z.object({ user: z.array(role), subscriber: z.array(role) }),
    guests: z.boolean(),
  }),
  does: async (_ctx, _input, { account }) => reachOver(account),
})

const list = endpoint({
  at: 'GET /accounts',
  what: 'A page of the accounts of a population, searched and filtered; `next` of one page is `after` of the next',
  who: 'a full session',
  in: {
    query: z.strictObject({
      ...sessionQuery,
      population: population.optional().describe('that of users where the caller may see them, else subscribers'),
      search: search.describe('the beginning of an address or a name, or the whole of a further address'),
      role: role.optional(),
      state: z.enum(['in-order', 'suspended', 'black-listed', 'unconfirmed']).optional(),
      twoStep: z.enum(['on', 'off']).optional(),
      domain: sought(254).optional(),
      order: z.enum(['address', 'name', 'created']).default('address'),
      after,
      limit,
    }),
  },
  out: z.object({ items: z.array(Person), next: z.string().nullable() }),
  async does(ctx, { query }, { account: caller }) {
    const { role, state, twoStep, search, order, limit } = query
    const { accounts, next } = await searchAccounts(ctx, {
      caller,
      filter: {
        population: query.population ?? reachOver(caller).lists[0]!,
        role,
        state: state === 'in-order' ? 'in order' : state,
        twoStep: twoStep && twoStep === 'on',
        // An empty one is no filter.
        domain: query.domain?.trim().toLowerCase().replace(/^@/, '') || undefined,
      },
      search: search.trim(),
      order,
      after: placeIn(query.after, Place),
      limit,
    })
    return { items: accounts.map(person), next: next && cursorOf(next) }
  },
})

export const peopleList = [reach, list]
