import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { type Plan, type Planned, planMail, type Role } from './calls.ts'
import { isAddress, type Person } from './people.ts'

export type Recipients = Readonly<Record<Role, readonly Person[]>>

const PAUSE = 300

const addresses = (people: readonly Person[]): string[] =>
  people.map(({ address }) => address).filter((address) => isAddress(address))

/**
 * How a mail would reach people, asked for while they are entered: a little after the last of them, and an older question
 * is given up for a newer one. What was known of somebody stays until the new answer is there.
 */
export function usePlan({ to, cc, bcc }: Recipients) {
  const asked = { to: addresses(to), cc: addresses(cc), bcc: addresses(bcc) }
  const key = JSON.stringify(asked)
  const [settled] = useDebouncedValue(key, PAUSE)
  const query = useQuery({
    queryKey: ['mail', 'plan', settled],
    queryFn: ({ signal }) => planMail(JSON.parse(settled), signal),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  })
  const plannedOf = ({ address }: Person): Planned | undefined =>
    query.data?.recipients.find((one) => one.address.toLowerCase() === address.toLowerCase())
  /** The plan for just those who are entered now; null while it is still asked for. */
  const current: Plan | null =
    settled === key && !query.isPlaceholderData && query.isSuccess ? (query.data ?? null) : null
  return { author: query.data?.author ?? null, current, error: query.error, refetch: query.refetch, plannedOf }
}
