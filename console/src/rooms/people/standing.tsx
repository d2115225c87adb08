import { Badge, Group } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Standing } from './types.ts'

/** How it stands with an account, in words: colour says nothing alone. */
export function StandingBadges({ isSuspended, isBlackListed, awaitsConfirmation }: Standing) {
  const { t } = useTranslation('people')
  const faults = [
    isSuspended && t('states.suspended'),
    isBlackListed && t('states.black-listed'),
    awaitsConfirmation && t('states.unconfirmed'),
  ].filter((fault) => fault !== false)
  return (
    <Group gap={6} component="span">
      {faults.length === 0 ? <Mark good>{t('states.in-order')}</Mark> : null}
      {faults.map((fault) => (
        <Mark key={fault}>{fault}</Mark>
      ))}
    </Group>
  )
}

/** A word in a frame; the frame alone has the colour, so that it can be read in light and dark. */
export function Mark({ children, good }: { children: string; good?: boolean }) {
  return (
    <Badge
      component="span"
      variant="outline"
      tt="none"
      fw={550}
      c={good ? 'var(--good)' : 'var(--bad)'}
      styles={{ root: { borderColor: good ? 'var(--good)' : 'var(--bad)' }, label: { overflow: 'visible' } }}
    >
      {children}
    </Badge>
  )
}
