import { Button, Group, Text } from '@mantine/core'
import { LockKeyholeOpen } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { forgetKey, useKeptUntil } from './held-key.ts'

/** Says that the key is open, and locks it again. */
export function KeptKeyNote() {
  const { t, i18n } = useTranslation('mail')
  const until = useKeptUntil()
  if (until === null) return null
  const time = new Intl.DateTimeFormat(i18n.language, { timeStyle: 'short' }).format(until)
  return (
    <Group gap="xs" role="status">
      <Text size="sm">
        <LockKeyholeOpen aria-hidden size={14} /> {t('key.kept', { time })}
      </Text>
      <Button variant="default" size="compact-sm" onClick={forgetKey}>
        {t('key.forget')}
      </Button>
    </Group>
  )
}
