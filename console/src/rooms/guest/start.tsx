import { useTranslation } from 'react-i18next'
import { Page } from '../../parts/page.tsx'

export function Component() {
  const { t } = useTranslation('guest')
  return <Page title={t('title')} />
}
