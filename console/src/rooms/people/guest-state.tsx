import { Group, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Mark } from './standing.tsx'
import type { Guest } from './types.ts'

type Facts = Pick<Guest, 'hasPassword' | 'refuses' | 'isLocked'>

/** How far somebody has come as a guest. */
export function GuestState({ guest: { hasPassword, refuses, isLocked } }: { guest: Facts }) {
  const { t } = useTranslation('people')
  return (
    <Group gap={6} component="span">
      {hasPassword ? <Mark good>{t('guests.states.reading')}</Mark> : null}
      {hasPassword ? null : (
        <Text span size="sm">
          {t('guests.states.new')}
        </Text>
      )}
      {refuses ? <Mark>{t('guests.states.refusing')}</Mark> : null}
      {isLocked ? <Mark>{t('guests.locked')}</Mark> : null}
    </Group>
  )
}
