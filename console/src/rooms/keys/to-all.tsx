import { useTranslation } from 'react-i18next'
import { BackLink } from '../../parts/back-link.tsx'

export function ToAll() {
  const { t } = useTranslation('keys')
  return <BackLink to="/my/keys">{t('back')}</BackLink>
}
