import { Box, Button, Group, Text } from '@mantine/core'
import { LogOut } from 'lucide-react'
import { useTranslation } from 'react-i18next'
import { NavLink } from 'react-router'
import { urlOf } from '../../api/client.ts'
import { useAttempt } from '../../parts/attempt.ts'
import { useErrorText } from '../../parts/error-note.tsx'
import { type Self, signOut } from './calls.ts'
import classes from './frame.module.css'

/** Who reads here, and where he can go. */
export function GuestBar({ self }: { self: Self }) {
  const { t } = useTranslation('guest')
  const textOf = useErrorText()
  const { isBusy, error, attempt } = useAttempt()
  const leave = () =>
    attempt(async () => {
      await signOut()
      // The page is loaded anew: nothing that was read or written here stays in its memory.
      location.assign(urlOf('/guest'))
    })
  return (
    <Box className={classes.nav ?? ''} px={{ base: 'md', sm: 'xl' }}>
      <Group maw="72rem" mx="auto" gap="lg" justify="space-between" style={{ rowGap: 0 }}>
        <Group component="nav" gap="lg" aria-label={t('bar.label')}>
          <NavLink to="/guest/inbox">{t('bar.inbox')}</NavLink>
          <NavLink to="/guest/password">{t('bar.password')}</NavLink>
        </Group>
        <Group gap="xs" py={4}>
          <Text size="sm" c="dimmed">
            <bdi>{self.address}</bdi>
          </Text>
          <Button
            variant="subtle"
            size="compact-sm"
            leftSection={<LogOut aria-hidden size={16} />}
            loading={isBusy}
            onClick={leave}
          >
            {t('bar.signOut')}
          </Button>
        </Group>
      </Group>
      {error ? (
        <Text role="alert" c="var(--bad)" size="sm" pb="xs">
          {textOf(error)}
        </Text>
      ) : null}
    </Box>
  )
}
