import { useTranslation } from 'react-i18next'
import type en from './words/en.ts'

type Known = keyof typeof en.sources

/** Where a key comes from, in words that stand behind "the key". */
export function useSourceText(): (source: string | null) => string {
  const { t, i18n } = useTranslation('mail')
  return (source) => {
    if (source === null) return t('sources.none')
    return i18n.exists(`sources.${source}`, { ns: 'mail' })
      ? t(`sources.${source as Known}`, { source })
      : t('sources.elsewhere', { source: source.replace(/^https?:\/\//, '') })
  }
}
