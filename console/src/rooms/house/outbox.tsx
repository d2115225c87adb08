import { Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core'
import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { Inbox, Search } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import { Confirm } from '../../parts/confirm.tsx'
import { Empty } from '../../parts/empty.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { useFocusBack } from '../../parts/focus-back.ts'
import { tell } from '../../parts/notices.ts'
import { Page } from '../../parts/page.tsx'
import { dropItem, type OutboxItem, readOutbox, retryItem } from './calls.ts'
import { Loaded } from './loaded.tsx'
import { More } from './more.tsx'
import classes from './outbox.module.css'
import { Item, whatIs } from './outbox-item.tsx'
import { useFilters } from './use-filters.ts'

const KEY = ['house', 'outbox']
const EVERY = 5000
const states = ['queued', 'sending', 'sent', 'failed', 'dropped'] as const
const filterNames = ['kind', 'state', 'recipient'] as const
const kinds = ['message', 'delivery'] as const

function Dropping({ item, onClose }: { item: OutboxItem; onClose(): void }) {
  const { t } = useTranslation('house')
  const client = useQueryClient()
  useFocusBack()
  const facts = { recipient: item.recipients.join(', '), letter: whatIs(t, item) }
  const isMail = item.kind === 'delivery'
  const drop = async () => {
    await dropItem(item)
    tell(t('outbox.dropped'))
    await client.invalidateQueries({ queryKey: KEY })
  }
  return (
    <Confirm
      opened
      onClose={onClose}
      title={t(isMail ? 'outbox.dropDelivery' : 'outbox.dropMessage')}
      action={t('outbox.drop')}
      onConfirm={drop}
      words={{ IN_HAND: t('outbox.inHand'), OVER: t('outbox.over') }}
    >
      <Text>{t(isMail ? 'outbox.dropDeliveryText' : 'outbox.dropMessageText', facts)}</Text>
    </Confirm>
  )
}

function Items({ items }: { items: readonly OutboxItem[] }) {
  const { t } = useTranslation('house')
  const client = useQueryClient()
  const [dropping, setDropping] = useState<OutboxItem | null>(null)
  const retry = useMutation({
    mutationFn: retryItem,
    onSuccess: () => tell(t('outbox.retried')),
    onSettled: () => client.invalidateQueries({ queryKey: KEY }),
  })
  return (
    <>
      <ErrorNote
        error={retry.error}
        words={{
          IN_HAND: t('outbox.inHand'),
          OVER: t('outbox.over'),
          MAIL_OFF: t('outbox.off'),
          SMS_OFF: t('outbox.off'),
        }}
      />
      <ul className={classes.list}>
        {items.map((item) => (
          <Item
            key={item.id}
            item={item}
            isBusy={retry.isPending && retry.variables.id === item.id}
            onRetry={() => retry.mutate(item)}
            onDrop={() => setDropping(item)}
          />
        ))}
      </ul>
      {dropping ? <Dropping item={dropping} onClose={() => setDropping(null)} /> : null}
    </>
  )
}

export function Component() {
  const { t } = useTranslation('house')
  const { values, set, asked } = useFilters(filterNames)
  const kind = kinds.find((one) => one === values.kind) ?? 'message'
  const query = useInfiniteQuery({
    queryKey: [...KEY, asked],
    queryFn: ({ pageParam, signal }) => readOutbox({ ...asked, after: pageParam }, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: EVERY,
  })
  const isSought = values.state !== '' || values.recipient !== ''
  return (
    <Page title={t('outbox.title')} lead={t('outbox.lead')}>
      <Group align="flex-end">
        <NativeSelect
          label={t('outbox.kind')}
          value={kind}
          onChange={(event) => set('kind', event.currentTarget.value)}
          data={kinds.map((value) => ({ value, label: t(`outbox.kinds.${value}`) }))}
        />
        <NativeSelect
          label={t('outbox.state')}
          value={values.state}
          onChange={(event) => set('state', event.currentTarget.value)}
          data={[
            { value: '', label: t('outbox.everyState') },
            ...states.map((value) => ({ value, label: t(`outbox.states.${value}`) })),
          ]}
        />
        <TextInput
          label={t('outbox.recipient')}
          placeholder={t('outbox.recipientHint')}
          leftSection={<Search aria-hidden size={16} />}
          value={values.recipient}
          onChange={(event) => set('recipient', event.currentTarget.value)}
          maxLength={320}
          type="search"
          flex="1 1 14rem"
        />
      </Group>
      <Loaded query={query} heights={[90, 90, 90]}>
        {({ pages }) => {
          const items = pages.flatMap((page) => page.items)
          const isEmpty = items.length === 0 && !query.hasNextPage
          return (
            <Stack>
              <Card>
                {isEmpty ? (
                  <Empty
                    icon={<Inbox aria-hidden size={32} />}
                    title={t(kind === 'message' ? 'outbox.emptyMessage' : 'outbox.emptyDelivery')}
                  >
                    <Text c="dimmed">{t(isSought ? 'outbox.emptySought' : 'outbox.emptyYet')}</Text>
                  </Empty>
                ) : (
                  <Items items={items} />
                )}
              </Card>
              <More query={query} />
            </Stack>
          )
        }}
      </Loaded>
    </Page>
  )
}
