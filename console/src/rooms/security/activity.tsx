import { Anchor, Button, List, Skeleton, Stack, Text } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { History } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Card } from '../../parts/card.tsx'
import { Empty } from '../../parts/empty.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { activityQuery } from './calls.ts'
import { byDay, nameOfDay } from './days.ts'
import { HappeningLine } from './happening-line.tsx'
import { RoomPage } from './room-page.tsx'
import classes from './security.module.css'

function Unknown() {
  const { t } = useTranslation('security')
  return (
    <Card title={t('activity.unknownTitle')}>
      <Text size="sm" mb="sm">
        {t('activity.unknownText')}
      </Text>
      <List type="ordered" spacing="xs">
        <List.Item>
          <Anchor component={Link} to="/my/security/password">
            {t('password.change')}
          </Anchor>
        </List.Item>
        <List.Item>
          <Anchor component={Link} to="/my/security/sessions">
            {t('activity.endSessions')}
          </Anchor>
        </List.Item>
      </List>
    </Card>
  )
}

/** What happened to the security of the account, day by day. */
export function Component() {
  const { t, i18n } = useTranslation('security')
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(activityQuery)
  const items = data?.pages.flatMap((page) => page.items)
  return (
    <RoomPage title={t('activity.title')} lead={t('activity.lead')}>
      <div className={classes.two}>
        <Stack gap="lg">
          <ErrorNote error={error} />
          {items === undefined && !error ? <Skeleton h={420} /> : null}
          {items?.length === 0 ? (
            <Card>
              <Empty icon={<History aria-hidden />} title={t('activity.none')} />
            </Card>
          ) : null}
          {byDay(items ?? []).map(({ start, items }) => (
            <Card key={start} title={nameOfDay(start, i18n.language)} py="md">
              <ol className={classes.list}>
                {items.map((one) => (
                  <HappeningLine key={one.id} happening={one} />
                ))}
              </ol>
            </Card>
          ))}
          {hasNextPage ? (
            <Button variant="default" onClick={() => fetchNextPage()} loading={isFetchingNextPage}>
              {t('activity.more')}
            </Button>
          ) : items?.length ? (
            <Text size="sm" c="dimmed" ta="center">
              {t('activity.end')}
            </Text>
          ) : null}
        </Stack>
        {items || error ? <Unknown /> : <Skeleton h={160} />}
      </div>
    </RoomPage>
  )
}
