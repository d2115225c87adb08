import { Badge, Box as Block, Button, Group, Skeleton, Stack, Text, VisuallyHidden } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { MailOpen, Reply } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Box } from '../../parts/box.tsx'
import { Empty } from '../../parts/empty.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Page } from '../../parts/page.tsx'
import { absolute, momentOf, relative, When } from '../../parts/times.tsx'
import { type Item, inboxQuery } from './calls.ts'
import classes from './inbox.module.css'

function Row({ id, kind, from, subject, date, expires, opened }: Item) {
  const { t, i18n } = useTranslation('guest')
  const isNew = !opened && kind === 'received'
  const end = momentOf(expires)
  return (
    <li className={classes.row}>
      <Link to={`/guest/mail/${encodeURIComponent(id)}`} className={classes.link}>
        <Block className={classes.who}>
          {kind === 'sent' ? (
            <Text c="dimmed" component="span">
              <Reply aria-hidden size={16} className={classes.icon} /> {t('inbox.sent')}
            </Text>
          ) : (
            <Text component="span" fw={isNew ? 700 : 400}>
              <Box {...from} />
            </Text>
          )}
        </Block>
        <Group gap="xs" className={classes.subject ?? ''}>
          <Text component="span" fw={isNew ? 700 : 400}>
            <bdi>{subject || t('mail.noSubject')}</bdi>
          </Text>
          {isNew ? (
            <Badge size="sm" variant="outline" tt="none">
              {t('inbox.new')}
            </Badge>
          ) : null}
        </Group>
        <Text component="span" size="sm" c="dimmed" className={classes.date ?? ''}>
          <When at={date} />
        </Text>
        {end ? (
          <Text
            component="span"
            size="sm"
            c="dimmed"
            className={classes.until ?? ''}
            title={absolute(end, i18n.language)}
          >
            {t('inbox.until', { when: relative(end, i18n.language) })}
          </Text>
        ) : null}
      </Link>
    </li>
  )
}

function Rows() {
  const { t } = useTranslation()
  return (
    <Stack gap={1}>
      <VisuallyHidden role="status">{t('loading')}</VisuallyHidden>
      {[0, 1, 2].map((at) => (
        <Skeleton key={at} h={64} />
      ))}
    </Stack>
  )
}

/** All mails of a guest, and his own answers, the newest first. */
export function Component() {
  const { t } = useTranslation('guest')
  const { data, isPending, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(inboxQuery)
  const items = data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Page title={t('inbox.title')} lead={t('inbox.lead')}>
      {isPending ? <Rows /> : null}
      <ErrorNote error={error} />
      {data && items.length === 0 ? (
        <Empty icon={<MailOpen aria-hidden size={40} />} title={t('inbox.empty')}>
          <Text c="dimmed" maw="30rem">
            {t('inbox.emptyText')}
          </Text>
        </Empty>
      ) : null}
      {items.length > 0 ? (
        <ul className={classes.list} aria-label={t('inbox.title')}>
          {items.map((item) => (
            <Row key={item.id} {...item} />
          ))}
        </ul>
      ) : null}
      {hasNextPage ? (
        <Button variant="default" mx="auto" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
          {t('inbox.older')}
        </Button>
      ) : null}
    </Page>
  )
}
