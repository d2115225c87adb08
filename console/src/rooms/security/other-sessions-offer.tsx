import { Button, Group, Paper, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useTranslation } from 'react-i18next'
import { noteOtherSessions, useOtherSessions } from '../../api/other-sessions.ts'
import { useAttempt } from '../../parts/attempt.ts'
import { ErrorNote } from '../../parts/error-note.tsx'
import { endOtherSessions } from './calls.ts'
import classes from './security.module.css'

/** After a change of what protects the account: the others may go on, or end. */
export function OtherSessionsOffer() {
  const { t } = useTranslation('security')
  const count = useOtherSessions()
  const { isBusy, error, attempt } = useAttempt()
  const end = () =>
    attempt(async () => {
      await endOtherSessions()
      noteOtherSessions(0)
      notifications.show({
        message: t('others.ended'),
        closeButtonProps: { 'aria-label': t('close', { ns: 'common' }) },
      })
    })
  // The region is there before what it has to say, or nobody would hear it.
  return (
    <div role="status" className={count > 0 ? classes.offer : undefined}>
      {count > 0 ? (
        <Paper p="md" withBorder bg="var(--card)" shadow="lg">
          <Stack gap="sm">
            <Text fw={600}>{t('others.title', { count })}</Text>
            <Text size="sm">{t('others.text')}</Text>
            <ErrorNote error={error} />
            <Group gap="sm">
              <Button onClick={end} loading={isBusy}>
                {t('others.end')}
              </Button>
              <Button variant="default" onClick={() => noteOtherSessions(0)}>
                {t('others.keep')}
              </Button>
            </Group>
          </Stack>
        </Paper>
      ) : null}
    </div>
  )
}
