import { z } from 'zod'
import { countAccounts, findAccounts, listAccounts } from '#src/domain/accounts/accounts.ts'
import { endpoint } from '#src/http/endpoint.ts'
import type { Door } from './doors.ts'
import { count, flag, text } from './input.ts'
import { UserInfo, userInfos } from './user-info.ts'

const PAGE = 100
// Upstream has no bound; one page must not fill the memory. Clients ask for 500 at most.
const PAGE_AT_MOST = 2000

const idsOf = (select: string): string[] =>
  select
    .toLowerCase()
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== '')

export const users = (door: Door) =>
  endpoint({
    at: `GET ${door.many}`,
    what: 'A page of everybody, or those named in `select`',
    who: 'a session, key or service',
    in: {
      query: z.object({
        offset: count(0, Number.MAX_SAFE_INTEGER),
        limit: count(PAGE, PAGE_AT_MOST),
        idOnly: flag,
        select: text(16_384),
        nameSearch: text(),
        emailSearch: text(),
        operatorId: text(),
        countOnly: flag,
      }),
    },
    out: z.union([
      z.object({ users: z.union([z.array(UserInfo), z.array(z.string())]) }),
      z.object({ count: z.int() }),
    ]),
    async does(ctx, { query }, { account: caller }) {
      const { offset, limit, idOnly, select, nameSearch, emailSearch } = query
      const { population } = door
      // For users these two are taken and not looked at, as upstream does it.
      const isCounted = query.countOnly && population === 'subscriber'
      const owner = population === 'subscriber' ? query.operatorId : undefined
      if (isCounted)
        return { count: await countAccounts(ctx, { caller, population, wanted: { owner, nameSearch, emailSearch } }) }
      const ids = select === undefined ? [] : idsOf(select)
      if (ids.length > 0) return { users: await userInfos(ctx, await findAccounts(ctx, { caller, population, ids })) }
      const wanted = { owner, offset, limit, nameSearch, emailSearch }
      const accounts = await listAccounts(ctx, { caller, population, wanted })
      return { users: idOnly ? accounts.map(({ id }) => id) : await userInfos(ctx, accounts) }
    },
  })
