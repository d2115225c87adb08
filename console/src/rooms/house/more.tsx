import { Button, Center, Text } from '@mantine/core'
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import type { PageOf } from './calls.ts'

type Pages<Item> = UseInfiniteQueryResult<InfiniteData<PageOf<Item>>>

/** The end of a list that goes on. Where nothing suits yet, it is searched further back without being asked. */
export function More<Item>({ query }: { query: Pages<Item> }) {
  const { t } = useTranslation('house')
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = query
  const isEmpty = data?.pages.every(({ items }) => items.length === 0) ?? false
  useEffect(() => {
    if (isEmpty && hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [isEmpty, hasNextPage, isFetchingNextPage, fetchNextPage])
  if (!hasNextPage) return null
  return (
    <Center>
      {isEmpty ? (
        <Text role="status">{t('outbox.searching')}</Text>
      ) : (
        <Button variant="default" onClick={() => fetchNextPage()} loading={isFetchingNextPage}>
          {t('outbox.more')}
        </Button>
      )}
    </Center>
  )
}
