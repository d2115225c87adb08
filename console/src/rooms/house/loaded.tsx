import { Button, Skeleton, Stack, Text, VisuallyHidden } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import { Lock } from 'lucide-react'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError } from '../../api/client.ts'
import { Empty } from '../../parts/empty.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'

interface LoadedProps<T> {
  query: Pick<UseQueryResult<T>, 'data' | 'error' | 'refetch'>
  /** how high each piece is that is to come, in pixels */
  heights: readonly number[]
  children(data: T): ReactNode
}

/** What was asked for once it is there; its shape before, and why it is not there when it is not. */
export function Loaded<T>({ query: { data, error, refetch }, heights, children }: LoadedProps<T>) {
  const { t } = useTranslation()
  if (data !== undefined) return children(data)
  if (error instanceof ApiError && error.code === 'ACCESS_DENIED')
    return (
      <Empty icon={<Lock aria-hidden size={32} />} title={t('denied.title')}>
        <Text c="dimmed">{t('denied.text')}</Text>
      </Empty>
    )
  if (error)
    return (
      <Stack align="flex-start">
        <ErrorNote error={error} />
        <Button variant="default" onClick={() => refetch()}>
          {t('tryAgain')}
        </Button>
      </Stack>
    )
  return (
    <Stack>
      <VisuallyHidden role="status">{t('loading')}</VisuallyHidden>
      {heights.map((height, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: shapes without identity, which never move
        <Skeleton key={index} h={height} />
      ))}
    </Stack>
  )
}
