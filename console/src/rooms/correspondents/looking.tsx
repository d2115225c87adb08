import { Autocomplete, Button, Group, Skeleton, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Search } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { contactsQuery, lookFor } from './calls.ts'
import { Found } from './found.tsx'

const SUGGESTED = 8

/** Looks for the key of an address wherever keys are looked for, as it is done when somebody writes. */
export function Looking() {
  const { t } = useTranslation('correspondents')
  const [text, setText] = useState('')
  const [address, setAddress] = useState('')
  const { data: contacts = [] } = useQuery(contactsQuery)
  const { data, error, isFetching } = useQuery({
    queryKey: ['correspondents', 'found', address],
    enabled: address !== '',
    retry: false,
    queryFn: () =>
      lookFor(
        address,
        contacts.find(({ addresses }) => addresses.some((one) => one.toLowerCase() === address.toLowerCase())),
      ),
  })
  const submit = (event: FormEvent) => {
    event.preventDefault()
    setAddress(text.trim())
  }
  return (
    <Card title={t('look.title')} lead={t('look.lead')} icon={<Search aria-hidden />}>
      <Stack>
        <form onSubmit={submit}>
          <Group align="flex-end" gap="sm">
            <Autocomplete
              flex="1 1 14rem"
              label={t('look.address')}
              type="email"
              autoCapitalize="none"
              data={[...new Set(contacts.flatMap(({ addresses }) => addresses))]}
              limit={SUGGESTED}
              value={text}
              onChange={setText}
            />
            <Button type="submit" loading={isFetching} disabled={text.trim() === ''}>
              {t('look.submit')}
            </Button>
          </Group>
        </form>
        <ErrorNote error={isFetching ? null : error} words={{ BAD_PARAMETER: t('look.noAddress') }} />
        <div role="status">
          {isFetching && !data ? <Skeleton h={120} /> : null}
          {data ? <Found key={data.recipientEmail} looked={data} /> : null}
        </div>
      </Stack>
    </Card>
  )
}
