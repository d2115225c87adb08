import { useTranslation } from 'react-i18next'

/** The sentences of this room for refusals, by their codes and reasons. */
export function useRefusals(): Readonly<Record<string, string>> {
  const { t } = useTranslation('keys')
  return t('refused', { returnObjects: true })
}
