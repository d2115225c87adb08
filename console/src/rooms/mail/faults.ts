import { useTranslation } from 'react-i18next'
import type en from './words/en.ts'

/** The words of this room for refusals, by their codes. */
export function useFaults(): Record<keyof typeof en.faults, string> {
  const { t } = useTranslation('mail')
  return t('faults', { returnObjects: true })
}
