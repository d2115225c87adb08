import { Anchor, Box, Group, Stack, Text } from '@mantine/core'
import { AtSign, ChevronRight, LockKeyhole, type LucideIcon, Smartphone } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { Page } from '../../parts/page.tsx'
import classes from './start.module.css'

function Choice({ to, Icon, title, text }: { to: string; Icon: LucideIcon; title: string; text: string }) {
  return (
    <Link to={to} className={classes.choice}>
      <Icon aria-hidden size={24} className={classes.icon} />
      <Box flex={1}>
        <Text fw={600}>{title}</Text>
        <Text size="sm" c="dimmed">
          {text}
        </Text>
      </Box>
      <ChevronRight aria-hidden size={20} className={classes.icon} />
    </Link>
  )
}

export function Component() {
  const { t } = useTranslation('forgotten')
  return (
    <Page title={t('title')} lead={t('lead')}>
      <Stack gap="sm" component="nav" aria-label={t('title')}>
        <Choice to="/forgotten/name" Icon={AtSign} title={t('start.name')} text={t('start.nameText')} />
        <Choice
          to="/forgotten/password/who"
          Icon={LockKeyhole}
          title={t('start.password')}
          text={t('start.passwordText')}
        />
        <Choice to="/forgotten/phone" Icon={Smartphone} title={t('start.phone')} text={t('start.phoneText')} />
      </Stack>
      <Group>
        <Anchor component={Link} to="/sign-in">
          {t('toSignIn')}
        </Anchor>
      </Group>
    </Page>
  )
}
