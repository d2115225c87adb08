import { Anchor, List, Text } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link, Navigate } from 'react-router'
import { Page } from '../../parts/page.tsx'
import { absolute, momentOf } from '../../parts/times.tsx'
import { useEntered } from './entered.ts'

export function Component() {
  const { t, i18n } = useTranslation('forgotten')
  const due = momentOf(useEntered().entered.due)
  if (!due) return <Navigate to="/forgotten/phone" replace />
  return (
    <Page title={t('waiting.title')}>
      <Text>
        {t('waiting.until')}{' '}
        <Text span fw={600}>
          <time dateTime={due.toISOString()}>{absolute(due, i18n.language)}</time>
        </Text>
      </Text>
      <List spacing="xs">
        <List.Item>{t('waiting.mails')}</List.Item>
        <List.Item>{t('waiting.stop')}</List.Item>
        <List.Item>{t('waiting.found')}</List.Item>
        <List.Item>{t('waiting.after')}</List.Item>
      </List>
      <Anchor component={Link} to="/sign-in">
        {t('toSignIn')}
      </Anchor>
    </Page>
  )
}
