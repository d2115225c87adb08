import { Button, Group, Progress, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { RefreshCw } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { relative } from '../../parts/times.tsx'
import { endOf, masterOf, type OwnKey } from './calls.ts'
import { ownerOf } from './key-state.tsx'
import { Renewing } from './renewing.tsx'

const SOON = 30 * 86_400_000

const dayOf = (time: number, language: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'long' }).format(time)

/** How much of a key's life is over, as a bar, and the way to move its end. */
export function Life({ of }: { of: OwnKey }) {
  const { t, i18n } = useTranslation('keys')
  const [isOpen, { open, close }] = useDisclosure()
  const { language } = i18n
  const master = masterOf(of)
  const end = endOf(master)
  const now = Date.now()
  const isOver = end !== null && end <= now
  const gone =
    end === null ? 0 : Math.min(100, Math.max(0, (100 * (now - master.creationTime)) / (end - master.creationTime)))
  const percent = Math.round(gone)
  const says =
    end === null ? t('life.forEver') : t(isOver ? 'life.ended' : 'life.until', { date: dayOf(end, language) })
  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="xs" align="baseline">
        <Text fw={600}>{says}</Text>
        {end === null ? null : (
          <Text size="sm" c="dimmed">
            {relative(new Date(end), language)}
          </Text>
        )}
      </Group>
      {end === null ? null : (
        <Progress.Root size="lg" radius="xl">
          <Progress.Section
            value={Math.max(gone, 1)}
            color={isOver ? 'red' : end - now < SOON ? 'orange' : 'brass'}
            aria-label={t('life.label')}
            aria-valuetext={t('life.valueText', { percent })}
          />
        </Progress.Root>
      )}
      <Group justify="space-between" gap="xs">
        <Text size="sm" c="dimmed">
          {t('life.made', { date: dayOf(master.creationTime, language) })}
        </Text>
        {of.privateRing && !master.revoked ? (
          <Button
            size="xs"
            variant="light"
            leftSection={<RefreshCw aria-hidden size={14} />}
            aria-label={t('life.renewOf', { name: ownerOf(of) })}
            onClick={open}
          >
            {t('life.renew')}
          </Button>
        ) : null}
      </Group>
      <Renewing of={of} opened={isOpen} onClose={close} />
    </Stack>
  )
}
