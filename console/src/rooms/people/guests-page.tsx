import { Button, Chip, Group, Loader, Paper, Stack, Text, TextInput, VisuallyHidden } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useInfiniteQuery } from '@tanstack/react-query'
import { HeartHandshake, Search } from 'lucide-react'
import { memo, useCallback, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useSearchParams } from 'react-router'
import { Empty } from '../../parts/empty.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Page } from '../../parts/page.tsx'
import { When } from '../../parts/times.tsx'
import { guestsQuery, itemsOf } from './calls.ts'
import { GuestState } from './guest-state.tsx'
import type { Guest } from './types.ts'
import classes from './virtual-list.module.css'
import { RowSkeletons, VirtualList } from './virtual-list.tsx'

const states = ['new', 'reading', 'refusing'] as const

// Drawn once, however often the list moves.
const GuestRow = memo(function GuestRow({ guest }: { guest: Guest }) {
  const { t } = useTranslation('people')
  const { id, address, invitedBy, lastSignIn } = guest
  return (
    <Link to={`/admin/guests/${id}`} className={`${classes.row} ${classes.guest}`}>
      <span>
        <Text span display="block" fw={600}>
          {address}
        </Text>
        {invitedBy ? (
          <Text span display="block" size="sm" c="dimmed">
            {t('guests.invitedBy', { who: invitedBy })}
          </Text>
        ) : null}
      </span>
      <GuestState guest={guest} />
      <Text span size="sm" c="dimmed">
        <Text span inherit hiddenFrom="md">
          {t('list.lastSignIn')}:{' '}
        </Text>
        <When at={lastSignIn} />
      </Text>
    </Link>
  )
})

export function Component() {
  const { t } = useTranslation('people')
  const [params, setParams] = useSearchParams()
  const [typed, setTyped] = useState('')
  const [search] = useDebouncedValue(typed.trim(), 200)
  const state = params.get('state') ?? undefined
  const wanted = { search: search || undefined, state }
  const list = useInfiniteQuery({ ...guestsQuery(wanted), placeholderData: (before) => before })
  const guests = useMemo(() => itemsOf(list.data), [list.data])
  const { fetchNextPage, isFetchingNextPage, hasNextPage } = list
  const loadMore = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage()
  }, [isFetchingNextPage, fetchNextPage])
  const isNarrowed = search !== '' || state !== undefined
  const found = hasNextPage ? t('list.more', { count: guests.length }) : t('guests.found', { count: guests.length })
  return (
    <Page title={t('guests.title')} lead={t('guests.lead')}>
      <Stack gap="sm" component="search">
        <TextInput
          type="search"
          size="md"
          maw="32rem"
          label={t('guests.search')}
          leftSection={<Search aria-hidden size={18} />}
          rightSection={list.isFetching ? <Loader size="xs" aria-hidden /> : null}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
        />
        <Group gap="xs" role="group" aria-label={t('filters.title')}>
          {states.map((one) => (
            <Chip
              key={one}
              variant="outline"
              checked={state === one}
              onChange={(isOn) => setParams(isOn ? { state: one } : {}, { replace: true })}
            >
              {t(`guests.states.${one}`)}
            </Chip>
          ))}
        </Group>
      </Stack>
      <ErrorNote error={list.error} words={{ ACCESS_DENIED: t('denied') }} />
      <VisuallyHidden role="status">{list.isFetching ? '' : found}</VisuallyHidden>
      {list.error ? null : (
        <Paper withBorder bg="var(--card)" style={{ overflow: 'hidden' }}>
          {list.isPending ? <RowSkeletons /> : null}
          {list.isSuccess && guests.length === 0 ? (
            <Empty
              icon={<HeartHandshake aria-hidden size={32} />}
              title={isNarrowed ? t('guests.nobody') : t('guests.empty')}
            >
              <Text c="dimmed" px="md">
                {isNarrowed ? t('list.nobodyHint') : t('guests.emptyHint')}
              </Text>
              {isNarrowed ? (
                <Button
                  variant="default"
                  onClick={() => {
                    setTyped('')
                    setParams({}, { replace: true })
                  }}
                >
                  {t('list.clear')}
                </Button>
              ) : null}
            </Empty>
          ) : null}
          {guests.length > 0 ? (
            <VirtualList
              items={guests}
              row={(guest) => <GuestRow guest={guest} />}
              label={t('guests.title')}
              hasMore={hasNextPage}
              loadMore={loadMore}
              place={`guests ${JSON.stringify(wanted)}`}
            />
          ) : null}
          {isFetchingNextPage ? <RowSkeletons /> : null}
        </Paper>
      )}
    </Page>
  )
}
