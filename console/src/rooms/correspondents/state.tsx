import { Badge, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { PublicRing } from '../../api/guard.ts'
import { absolute } from '../../parts/times.tsx'
import { endOf } from './known.ts'
import type words from './words/en.ts'

type Reason = keyof (typeof words)['reasons']

/** Why a key cannot be used, in words. */
export function useReason(): (reason: string | undefined) => string {
  const { t, i18n } = useTranslation('correspondents')
  return (reason) => {
    const key = `reasons.${reason}`
    return i18n.exists(key, { ns: 'correspondents' }) ? t(key as `reasons.${Reason}`) : t('reasons.unknown')
  }
}

/** Good, or not, in a word. */
export function TrustBadge({ isTrusted }: { isTrusted: boolean }) {
  const { t } = useTranslation('correspondents')
  return (
    <Badge variant="outline" color={isTrusted ? 'var(--good)' : 'gray'} tt="none">
      {t(isTrusted ? 'trust.yes' : 'trust.no')}
    </Badge>
  )
}

/** Until when a key can be used, or why it cannot. */
export function Life({ ring }: { ring: PublicRing }) {
  const { t, i18n } = useTranslation('correspondents')
  const reasonOf = useReason()
  const end = endOf(ring)
  if (!ring.encryptable)
    return (
      <Text span size="sm" c="var(--bad)">
        {t('life.unusable', { reason: reasonOf(ring.reason) })}
      </Text>
    )
  return (
    <Text span size="sm">
      {end === null ? t('life.forever') : t('life.until', { date: absolute(new Date(end), i18n.language) })}
    </Text>
  )
}
