import { Stack, Text, VisuallyHidden } from '@mantine/core'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { ScrollText } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '../../api/client.ts'
import { Card } from '../../parts/card.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Page } from '../../parts/page.tsx'
import { readRecord } from './calls.ts'
import { Loaded } from './loaded.tsx'
import { More } from './more.tsx'
import classes from './record.module.css'
import { RecordExport } from './record-export.tsx'
import { filterNames, RecordFilters } from './record-filters.tsx'
import { Line } from './record-line.tsx'
import { useFilters } from './use-filters.ts'

const EVERY = 10_000

/** The days as the person means them: from midnight here to midnight here. */
function asAsked({ from, to, ...rest }: Partial<Record<(typeof filterNames)[number], string>>) {
  const midnight = (day: string, next = 0) => {
    const [year = 0, month = 1, date = 1] = day.split('-').map(Number)
    return new Date(year, month - 1, date + next)
  }
  const dayOf = (day: string | undefined) => (day && /^\d{4}-\d\d-\d\d$/.test(day) ? day : undefined)
  const [first, last] = [dayOf(from), dayOf(to)]
  return {
    ...rest,
    ...(first ? { from: midnight(first).toISOString() } : {}),
    ...(last ? { to: new Date(midnight(last, 1).getTime() - 1).toISOString() } : {}),
  }
}

const isUnknown = (error: unknown): boolean => error instanceof ApiError && error.code === 'NOT_FOUND'

function None({ isUnknown }: { isUnknown: boolean }) {
  const { t } = useTranslation('house')
  return (
    <Empty icon={<ScrollText aria-hidden size={32} />} title={t('record.noneTitle')}>
      <Text c="dimmed" role="status">
        {t(isUnknown ? 'record.unknown' : 'record.none')}
      </Text>
    </Empty>
  )
}

export function Component() {
  const { t } = useTranslation('house')
  const filters = useFilters(filterNames)
  const asked = asAsked(filters.asked)
  const query = useInfiniteQuery({
    queryKey: ['house', 'record', asked],
    queryFn: ({ pageParam, signal }) => readRecord({ ...asked, after: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
    // Who reads further back is not disturbed by what is new.
    refetchInterval: ({ state }) => ((state.data?.pages.length ?? 1) > 1 || isUnknown(state.error) ? false : EVERY),
  })
  return (
    <Page title={t('record.title')} lead={t('record.lead')} actions={<RecordExport query={asked} />}>
      <RecordFilters filters={filters} />
      {isUnknown(query.error) ? (
        <Card>
          <None isUnknown />
        </Card>
      ) : (
        <Loaded query={query} heights={[44, 44, 44, 44, 44]}>
          {({ pages }) => {
            const lines = pages.flatMap(({ items }) => items)
            return (
              <Stack>
                <VisuallyHidden role="status">{t('record.shown', { count: lines.length })}</VisuallyHidden>
                <Card>
                  {lines.length === 0 && !query.hasNextPage ? (
                    <None isUnknown={false} />
                  ) : (
                    <ul className={classes.list} aria-busy={query.isPlaceholderData}>
                      {lines.map((line) => (
                        <Line key={line.id} line={line} />
                      ))}
                    </ul>
                  )}
                </Card>
                <More query={query} />
              </Stack>
            )
          }}
        </Loaded>
      )}
    </Page>
  )
}
