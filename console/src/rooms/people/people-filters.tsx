import { Chip, Group, Loader, NativeSelect, Stack, TextInput } from '@mantine/core'
import { Search } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { type Reach, roles } from './types.ts'

/** What of the list stands in the address of the page; who is searched for does not. */
export const filterNames = ['population', 'role', 'state', 'twoStep', 'domain', 'order'] as const

const states = ['suspended', 'black-listed', 'unconfirmed'] as const
const orders = ['address', 'name', 'created'] as const

interface PeopleFiltersProps {
  reach: Reach | undefined
  params: URLSearchParams
  typed: string
  isBusy: boolean
  onType(text: string): void
  onChoose(name: string, value: string | null): void
}

export function PeopleFilters({ reach, params, typed, isBusy, onType, onChoose }: PeopleFiltersProps) {
  const { t } = useTranslation('people')
  const [domain, setDomain] = useState(params.get('domain') ?? '')
  const chip = (name: string, value: string, label: string) => (
    <Chip
      key={value}
      checked={params.get(name) === value}
      onChange={(isOn) => onChoose(name, isOn ? value : null)}
      variant="outline"
    >
      {label}
    </Chip>
  )
  return (
    <Stack gap="sm" component="search">
      <Group align="flex-end" gap="sm">
        <TextInput
          flex="4 1 16rem"
          type="search"
          size="md"
          label={t('filters.search')}
          placeholder={t('filters.searchHint')}
          leftSection={<Search aria-hidden size={18} />}
          rightSection={isBusy ? <Loader size="xs" aria-hidden /> : null}
          value={typed}
          onChange={(event) => onType(event.currentTarget.value)}
        />
        {(reach?.lists.length ?? 0) > 1 ? (
          <NativeSelect
            flex="1 1 8rem"
            size="md"
            label={t('filters.population')}
            value={params.get('population') ?? 'user'}
            onChange={(event) => onChoose('population', event.currentTarget.value === 'user' ? null : 'subscriber')}
            data={[
              { value: 'user', label: t('populations.user') },
              { value: 'subscriber', label: t('populations.subscriber') },
            ]}
          />
        ) : null}
        <NativeSelect
          flex="1 1 8rem"
          size="md"
          label={t('filters.order')}
          value={params.get('order') ?? 'address'}
          onChange={(event) => onChoose('order', event.currentTarget.value)}
          disabled={typed.trim() !== ''}
          data={orders.map((value) => ({ value, label: t(`orders.${value}`) }))}
        />
      </Group>
      <Group gap="xs" role="group" aria-label={t('filters.title')}>
        {states.map((state) => chip('state', state, t(`states.${state}`)))}
        {chip('twoStep', 'on', t('filters.stepOn'))}
        {chip('twoStep', 'off', t('filters.stepOff'))}
        <NativeSelect
          aria-label={t('filters.role')}
          value={params.get('role') ?? ''}
          onChange={(event) => onChoose('role', event.currentTarget.value || null)}
          data={[
            { value: '', label: t('filters.anyRole') },
            ...roles.map((value) => ({ value, label: t(`roles.${value}`) })),
          ]}
        />
        <form
          onSubmit={(event) => {
            event.preventDefault()
            onChoose('domain', domain.trim() || null)
          }}
        >
          <TextInput
            aria-label={t('filters.domain')}
            placeholder={t('filters.domainHint')}
            value={domain}
            onChange={(event) => setDomain(event.currentTarget.value)}
            onBlur={() => onChoose('domain', domain.trim() || null)}
            w="9.5rem"
          />
        </form>
      </Group>
    </Stack>
  )
}
