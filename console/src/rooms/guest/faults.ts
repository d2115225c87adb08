import { useTranslation } from 'react-i18next'

/** What refusals of the guests' calls mean, in words for guests. */
export function useFaults(): Record<string, string> {
  const { t } = useTranslation('guest')
  return t('faults', { returnObjects: true }) as Record<string, string>
}
