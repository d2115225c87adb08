import { Button, Stack, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { ScrollText } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { When } from '../../parts/times.tsx'
import { itemsOf, recordQuery } from './calls.ts'
import classes from './events-card.module.css'
import type { Happened } from './types.ts'

const factsOf = (detail: Record<string, unknown>): string =>
  Object.entries(detail)
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join(', ')

function EventRow({ event: { at, event, protocol, network, actor, actorAddress, detail } }: { event: Happened }) {
  const { t, i18n } = useTranslation('people')
  const key = `events.${event}`
  const where = [protocol, network].filter((part) => part !== '').join(' · ')
  return (
    <li className={classes.event}>
      <Text span fw={550}>
        {i18n.exists(key, { ns: 'people' }) ? t(key as 'events.sign-in.done') : event}
      </Text>
      <Text span size="sm" c="dimmed">
        <When at={at} />
      </Text>
      <Text span size="sm" c="dimmed">
        {[where, actor ? t('record.by', { who: actorAddress ?? actor }) : '', factsOf(detail)]
          .filter(Boolean)
          .join(' – ')}
      </Text>
    </li>
  )
}

/** What happened to an account: the last of it, and all of it when somebody asks. */
export function EventsCard({ events, of }: { events: readonly Happened[]; of?: string }) {
  const { t } = useTranslation('people')
  const [wantsAll, setWantsAll] = useState(false)
  const record = useInfiniteQuery({ ...recordQuery(of ?? ''), enabled: wantsAll && of !== undefined })
  const shown = record.data ? itemsOf(record.data) : events
  const hasMore = of !== undefined && (record.data ? record.hasNextPage : events.length >= 10)
  const more = () => (wantsAll ? void record.fetchNextPage() : setWantsAll(true))
  return (
    <Card title={t('record.title')} lead={t('record.lead')} icon={<ScrollText aria-hidden />}>
      <Stack align="flex-start">
        {shown.length === 0 ? <Text c="dimmed">{t('record.empty')}</Text> : null}
        <ul className={classes.events}>
          {shown.map((event) => (
            <EventRow key={event.id} event={event} />
          ))}
        </ul>
        <ErrorNote error={record.error} />
        {hasMore ? (
          <Button variant="default" loading={record.isFetching} onClick={more}>
            {t('record.more')}
          </Button>
        ) : null}
      </Stack>
    </Card>
  )
}
