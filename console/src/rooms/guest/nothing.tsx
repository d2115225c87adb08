import { Anchor } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Page } from '../../parts/page.tsx'

export function Component() {
  const { t } = useTranslation('guest')
  return (
    <Page title={t('nothing.title')} lead={t('nothing.text')}>
      <Anchor component={Link} to="/guest" w="fit-content">
        {t('nothing.home')}
      </Anchor>
    </Page>
  )
}
