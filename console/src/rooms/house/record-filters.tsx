import { Button, Group, NativeSelect, Select, SimpleGrid, TextInput } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import type { useFilters } from './use-filters.ts'

export const filterNames = ['event', 'account', 'actor', 'network', 'protocol', 'from', 'to'] as const
type Filters = ReturnType<typeof useFilters<(typeof filterNames)[number]>>

/** The names of all events with their words, in the order of the words. */
function eventsIn(words: Record<string, Record<string, string>>, language: string) {
  const all = Object.entries(words).flatMap(([subject, acts]) =>
    Object.entries(acts).map(([act, label]) => ({ value: `${subject}.${act}`, label })),
  )
  return all.toSorted((a, b) => a.label.localeCompare(b.label, language))
}

/** What the record is searched by, as it is typed. */
export function RecordFilters({ filters: { values, set, clear } }: { filters: Filters }) {
  const { t, i18n } = useTranslation('house')
  const protocols = t('protocols', { returnObjects: true })
  const field = (name: 'account' | 'actor' | 'network') => ({
    value: values[name],
    onChange: (event: { currentTarget: { value: string } }) => set(name, event.currentTarget.value),
    maxLength: 320,
  })
  const day = (name: 'from' | 'to') => ({
    type: 'date',
    value: values[name],
    onChange: (event: { currentTarget: { value: string } }) => set(name, event.currentTarget.value),
  })
  return (
    <Card title={t('record.filters')}>
      <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }} spacing="sm">
        <Select
          label={t('record.event')}
          placeholder={t('record.everything')}
          data={eventsIn(t('events', { returnObjects: true }), i18n.language)}
          value={values.event || null}
          onChange={(value) => set('event', value ?? '')}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': t('record.everything') }}
        />
        <TextInput label={t('record.account')} placeholder={t('record.addressHint')} {...field('account')} />
        <TextInput label={t('record.actor')} placeholder={t('record.addressHint')} {...field('actor')} />
        <TextInput label={t('record.network')} placeholder={t('record.networkHint')} {...field('network')} />
        <NativeSelect
          label={t('record.protocol')}
          value={values.protocol}
          onChange={(event) => set('protocol', event.currentTarget.value)}
          data={[
            { value: '', label: t('record.everyWay') },
            ...Object.entries(protocols).map(([value, label]) => ({ value, label })),
          ]}
        />
        <TextInput label={t('record.from')} {...day('from')} />
        <TextInput label={t('record.to')} {...day('to')} />
        <Group align="flex-end">
          <Button variant="default" onClick={clear} disabled={Object.values(values).every((value) => value === '')}>
            {t('record.clear')}
          </Button>
        </Group>
      </SimpleGrid>
    </Card>
  )
}
