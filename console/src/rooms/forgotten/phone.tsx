import { Anchor, Box, Button, List, Stack, Text, Title } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Page } from '../../parts/page.tsx'

/** What to try before anything is taken away; then what would happen. */
export function Component() {
  const { t } = useTranslation('forgotten')
  return (
    <Page title={t('phone.title')} lead={t('phone.lead')}>
      <Stack gap="sm">
        <Title order={2}>{t('phone.codes')}</Title>
        <Text>{t('phone.codesText')}</Text>
        <Text>{t('phone.otherWay')}</Text>
        <Box>
          <Button component={Link} to="/sign-in">
            {t('phone.signIn')}
          </Button>
        </Box>
      </Stack>
      <Stack gap="sm">
        <Title order={2}>{t('phone.none')}</Title>
        <Text>{t('phone.noneText')}</Text>
        <List spacing="xs">
          <List.Item>{t('phone.needs')}</List.Item>
          <List.Item>{t('phone.waits')}</List.Item>
          <List.Item>{t('phone.told')}</List.Item>
          <List.Item>{t('phone.stops')}</List.Item>
          <List.Item>{t('phone.after')}</List.Item>
        </List>
        <Box>
          <Button component={Link} to="/forgotten/phone/who" variant="default">
            {t('phone.begin')}
          </Button>
        </Box>
      </Stack>
      <Anchor component={Link} to="/forgotten">
        {t('back', { ns: 'common' })}
      </Anchor>
    </Page>
  )
}
