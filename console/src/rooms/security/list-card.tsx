import { Skeleton, Stack } from '@mantine/core'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ComponentProps, ReactNode } from 'react'
import { Card } from '../../parts/card.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import classes from './security.module.css'

interface ListCardProps<T> extends Omit<ComponentProps<typeof Card>, 'children'> {
  found: Pick<UseQueryResult<T[]>, 'data' | 'error'>
  /** in place of the list where there is nothing */
  empty: ReactNode
  /** below the list */
  after?: ReactNode
  children(item: T): ReactNode
}

/** A list on a card: on its way, empty, or there. */
export function ListCard<T>({ found: { data, error }, empty, after, children, ...card }: ListCardProps<T>) {
  return (
    <Card {...card}>
      <ErrorNote error={error} />
      {data === undefined && !error ? (
        <Stack gap="sm">
          <Skeleton h={52} />
          <Skeleton h={52} />
        </Stack>
      ) : null}
      {data?.length === 0 ? empty : null}
      {data?.length ? <ul className={classes.list}>{data.map(children)}</ul> : null}
      {after}
    </Card>
  )
}
