import { Accordion, Button, Center, Group, SegmentedControl, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Contact } from 'lucide-react'
import { useDeferredValue, useMemo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Card } from '../../parts/card.tsx'
import { Empty } from '../../parts/empty.tsx'
import { ErrorNote } from '../../parts/error-note.tsx'
import { autocryptQuery, externalQuery } from './calls.ts'
import { allKnown, matching, type Origin } from './known.ts'
import { KnownKey, KnownKeyLine } from './known-key.tsx'

const SHOWN = 50
const SHORT = 5
const CHOICES = ['all', 'brought', 'mail', 'shared'] as const

/** The keys of others that are here: brought, come with mails, shared by colleagues. */
export function KnownKeys() {
  const { t } = useTranslation('correspondents')
  const external = useQuery(externalQuery)
  const autocrypt = useQuery(autocryptQuery)
  const [text, setText] = useState('')
  const [origin, setOrigin] = useState<Origin | 'all'>('all')
  const [most, setMost] = useState(SHOWN)
  const [open, setOpen] = useState<string | null>(null)
  const all = useMemo(() => allKnown(external.data ?? [], autocrypt.data ?? []), [external.data, autocrypt.data])
  const wanted = useDeferredValue(text)
  const found = useMemo(() => matching(all, wanted, origin), [all, wanted, origin])
  const isPending = external.isPending || autocrypt.isPending
  const error = external.error ?? autocrypt.error
  return (
    <Card title={t('known.title')} lead={t('known.lead')} icon={<Contact aria-hidden />}>
      <Stack>
        {all.length > SHORT ? (
          <Group align="flex-end">
            <TextInput
              flex="1 1 14rem"
              label={t('known.filter')}
              value={text}
              onChange={(event) => setText(event.currentTarget.value)}
            />
            <SegmentedControl
              aria-label={t('known.origin')}
              value={origin}
              onChange={(value) => setOrigin(value as Origin | 'all')}
              data={CHOICES.map((value) => ({ value, label: t(`known.origins.${value}`) }))}
            />
          </Group>
        ) : null}
        <ErrorNote error={error} />
        {isPending && !error ? (
          <Stack gap="xs">
            <Skeleton h={56} />
            <Skeleton h={56} />
            <Skeleton h={56} />
          </Stack>
        ) : null}
        {!isPending && !error && all.length === 0 ? (
          <Empty icon={<Contact aria-hidden size={32} />} title={t('known.empty')}>
            <Text c="dimmed" maw="32rem">
              {t('known.emptyText')}
            </Text>
          </Empty>
        ) : null}
        {all.length > 0 && found.length === 0 ? <Text role="status">{t('known.noMatch')}</Text> : null}
        <Accordion value={open} onChange={setOpen} order={3}>
          {found.slice(0, most).map((one) => (
            <Accordion.Item key={one.id} value={one.id}>
              <Accordion.Control>
                <KnownKeyLine known={one} />
              </Accordion.Control>
              <Accordion.Panel>{open === one.id ? <KnownKey known={one} /> : null}</Accordion.Panel>
            </Accordion.Item>
          ))}
        </Accordion>
        {found.length > most ? (
          <Center>
            <Button variant="default" onClick={() => setMost(most + SHOWN)}>
              {t('known.more', { count: found.length - most })}
            </Button>
          </Center>
        ) : null}
      </Stack>
    </Card>
  )
}
