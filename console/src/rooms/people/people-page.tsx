import { Button, Group, Paper, Text, VisuallyHidden } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { ShieldCheck, ShieldOff, UserPlus, Users } from 'lucide-react'
import { memo, useCallback, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link, useSearchParams } from 'react-router'
import { Empty } from '../../parts/empty.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Page } from '../../parts/page.tsx'
import { When } from '../../parts/times.tsx'
import { itemsOf, peopleQuery, reachQuery, type Wanted } from './calls.ts'
import { CreatePerson } from './create-person.tsx'
import { filterNames, PeopleFilters } from './people-filters.tsx'
import { StandingBadges } from './standing.tsx'
import type { Person } from './types.ts'
import classes from './virtual-list.module.css'
import { RowSkeletons, VirtualList } from './virtual-list.tsx'

// Drawn once, however often the list moves.
const PersonRow = memo(function PersonRow({ person }: { person: Person }) {
  const { t } = useTranslation('people')
  const { id, name, address, role, twoStep, lastSignIn } = person
  return (
    <Link to={`/admin/people/${id}`} className={classes.row}>
      <span>
        <Text span display="block" fw={600}>
          {name || address}
        </Text>
        <Text span display="block" size="sm" c="dimmed">
          {address}
        </Text>
      </span>
      <Text span size="sm">
        {t(`roles.${role}`)}
      </Text>
      <Group gap={8} component="span">
        <StandingBadges {...person} />
        <Text span size="sm" c={twoStep ? 'var(--good)' : 'dimmed'} style={{ display: 'inline-flex', gap: 4 }}>
          {twoStep ? <ShieldCheck aria-hidden size={18} /> : <ShieldOff aria-hidden size={18} />}
          {twoStep ? t('list.stepOn') : t('list.stepOff')}
        </Text>
      </Group>
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
  const [typed, setTyped] = useState(params.get('search') ?? '')
  const [search] = useDebouncedValue(typed.trim(), 200)
  const [isCreating, setCreating] = useState(false)
  const reach = useQuery(reachQuery)
  const filters = Object.fromEntries(filterNames.map((name) => [name, params.get(name) ?? undefined])) as Wanted
  const wanted: Wanted = { ...filters, search: search || undefined }
  const list = useInfiniteQuery({ ...peopleQuery(wanted), placeholderData: (before) => before })
  const people = useMemo(() => itemsOf(list.data), [list.data])
  const { fetchNextPage, isFetchingNextPage, hasNextPage } = list
  const loadMore = useCallback(() => {
    if (!isFetchingNextPage) void fetchNextPage()
  }, [isFetchingNextPage, fetchNextPage])
  const choose = (name: string, value: string | null) =>
    setParams(
      (old) => {
        const next = new URLSearchParams(old)
        if (value) next.set(name, value)
        else next.delete(name)
        return next
      },
      { replace: true },
    )
  const clear = () => {
    setTyped('')
    setParams({}, { replace: true })
  }
  const population =
    filters.population === 'subscriber' || reach.data?.lists[0] === 'subscriber' ? 'subscriber' : 'user'
  const mayCreate = reach.data?.lists.includes(population) && (reach.data.creates[population].length ?? 0) > 0
  const isNarrowed = search !== '' || filterNames.some((name) => name !== 'population' && params.has(name))
  const found = hasNextPage ? t('list.more', { count: people.length }) : t('list.found', { count: people.length })
  return (
    <Page
      title={t('title')}
      lead={t('lead')}
      actions={
        mayCreate ? (
          <Button leftSection={<UserPlus aria-hidden size={18} />} onClick={() => setCreating(true)}>
            {t('create.open')}
          </Button>
        ) : null
      }
    >
      <PeopleFilters
        reach={reach.data}
        params={params}
        typed={typed}
        isBusy={list.isFetching}
        onType={setTyped}
        onChoose={choose}
      />
      <ErrorNote error={list.error} words={{ ACCESS_DENIED: t('denied') }} />
      <VisuallyHidden role="status">{list.isFetching ? '' : found}</VisuallyHidden>
      {list.error ? null : (
        <Paper withBorder bg="var(--card)" style={{ overflow: 'hidden' }}>
          <div className={`${classes.row} ${classes.heads}`} aria-hidden>
            <span>{t('list.person')}</span>
            <span>{t('list.role')}</span>
            <span>{t('list.state')}</span>
            <span>{t('list.lastSignIn')}</span>
          </div>
          {list.isPending ? <RowSkeletons /> : null}
          {list.isSuccess && people.length === 0 ? (
            <Empty icon={<Users aria-hidden size={32} />} title={isNarrowed ? t('list.nobody') : t('list.empty')}>
              <Text c="dimmed" px="md">
                {isNarrowed ? t('list.nobodyHint') : t('list.emptyHint')}
              </Text>
              {isNarrowed ? (
                <Button variant="default" onClick={clear}>
                  {t('list.clear')}
                </Button>
              ) : null}
            </Empty>
          ) : null}
          {people.length > 0 ? (
            <VirtualList
              items={people}
              row={(person) => <PersonRow person={person} />}
              label={t('title')}
              hasMore={hasNextPage}
              loadMore={loadMore}
              place={JSON.stringify(wanted)}
            />
          ) : null}
          {isFetchingNextPage ? <RowSkeletons /> : null}
        </Paper>
      )}
      {mayCreate && reach.data ? (
        <CreatePerson
          opened={isCreating}
          onClose={() => setCreating(false)}
          population={population}
          roles={reach.data.creates[population]}
        />
      ) : null}
    </Page>
  )
}
