import { z } from 'zod'
import { listAccounts } from '#src/domain/accounts/accounts.ts'
import { endpoint } from '#src/http/endpoint.ts'
import { count, flag, text } from './input.ts'
import { UserInfo, userInfos } from './user-info.ts'

const PAGE = 100
// Upstream has no bound; one page must not fill the memory. Clients ask for 500 at most.
const PAGE_AT_MOST = 10_000

const idsOf = (select: string): string[] =>
  select
    .toLowerCase()
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '')

export const users = endpoint({
  at: 'GET /users',
  what: 'A page of everybody, or those named in `select`',
  who: 'a full session',
  in: {
    query: z.object({
      offset: count(0, Number.MAX_SAFE_INTEGER),
      limit: count(PAGE, PAGE_AT_MOST),
      idOnly: flag,
      select: text(16_384),
      nameSearch: text(),
      emailSearch: text(),
    }),
  },
  out: z.object({ users: z.union([z.array(UserInfo), z.array(z.string())]) }),
  async does(ctx, { query }, { account: caller }) {
    const { offset, limit, idOnly, select, nameSearch, emailSearch } = query
    const named = select === undefined ? [] : idsOf(select)
    const wanted = named.length > 0 ? { ids: named } : { offset, limit, nameSearch, emailSearch }
    const accounts = await listAccounts(ctx, { caller, wanted })
    if (idOnly && named.length === 0) return { users: accounts.map(({ id }) => id) }
    return { users: await userInfos(ctx, accounts) }
  },
})
