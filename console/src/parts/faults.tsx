import { Anchor, Button, Center, Stack, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Page } from './page.tsx'

/** Nothing is at this address. */
export function NotFound() {
  const { t } = useTranslation()
  return (
    <Page title={t('notFound.title')} lead={t('notFound.text')}>
      <Anchor component={Link} to="/">
        {t('notFound.home')}
      </Anchor>
    </Page>
  )
}

/** A fault of ours, in the place of the page that had it. */
export function Fault() {
  const { t } = useTranslation()
  return (
    <Center mih="60dvh" p="md" component="main">
      <Stack maw="30rem" role="alert">
        <Title order={1}>{t('fault.title')}</Title>
        <Text>{t('fault.text')}</Text>
        <Button onClick={() => location.reload()}>{t('fault.reload')}</Button>
      </Stack>
    </Center>
  )
}
