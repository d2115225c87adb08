import { Button, Group, Progress, Stack, Text } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { RefreshCw } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { dayIn } from '../../parts/times.tsx'
import { endOf, masterOf, type OwnKey } from './calls.ts'
import { ownerOf } from './key-state.tsx'
import { Renewing } from './renewing.tsx'

const DAY = 86_400_000
const SOON = 30 * DAY

/** "in 24 months": in words that are near enough to plan with. */
function until(days: number, language: string): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'always' })
  if (Math.abs(days) < 60) return format.format(Math.trunc(days), 'day')
  const months = days / 30.44
  return Math.abs(months) <= 24
    ? format.format(Math.round(months), 'month')
    : format.format(Math.round(months / 12), 'year')
}

/** How much of a key's life is over, as a bar, and the way to move its end. */
export function Life({ of }: { of: OwnKey }) {
  const { t, i18n } = useTranslation('keys')
  const [isOpen, { open, close }] = useDisclosure()
  const { language } = i18n
  const master = masterOf(of)
  const end = endOf(master)
  const now = Date.now()
  // What was revoked has no end left to speak of.
  if (master.revoked)
    return (
      <Text size="sm" c="dimmed">
        {t('life.made', { date: dayIn(language, master.creationTime) })}
      </Text>
    )
  const isOver = end !== null && end <= now
  const gone =
    end === null ? 0 : Math.min(100, Math.max(0, (100 * (now - master.creationTime)) / (end - master.creationTime)))
  const percent = Math.round(gone)
  const says =
    end === null ? t('life.forEver') : t(isOver ? 'life.ended' : 'life.until', { date: dayIn(language, end) })
  return (
    <Stack gap={6}>
      <Group justify="space-between" gap="xs" align="baseline">
        <Text fw={600}>{says}</Text>
        {end === null ? null : (
          <Text size="sm" c="dimmed">
            {until((end - now) / DAY, language)}
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
          {t('life.made', { date: dayIn(language, master.creationTime) })}
        </Text>
        {of.privateRing ? (
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
