import { Button, List } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link, Navigate } from 'react-router'
import { Page } from '../../parts/page.tsx'
import { useEntered } from './entered.ts'

export function Component() {
  const { t } = useTranslation('forgotten')
  const { entered } = useEntered()
  if (!entered.isReset) return <Navigate to="/forgotten" replace />
  return (
    <Page title={t('done.title')} lead={t('done.lead')}>
      <List spacing="xs">
        <List.Item>{t('done.step')}</List.Item>
        <List.Item>{t('done.other')}</List.Item>
        <List.Item>{t('done.out')}</List.Item>
      </List>
      <Button component={Link} to="/sign-in">
        {t('toSignIn')}
      </Button>
    </Page>
  )
}
