import { Alert, Button, Group, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { TriangleAlert } from 'lucide-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { elevated } from '../../api/elevation.ts'
import { useAttempt } from '../../parts/attempt.ts'
import { ErrorNote } from '../../parts/error-note.tsx'
import { overviewQuery, readAgain, SECURITY } from './calls.ts'
import { useInWords } from './in-words.ts'

/** Somebody has asked for all second factors to be removed, and the days in which that can be stopped are running. */
export function WaitingRemoval() {
  const { t } = useTranslation('security')
  const say = useInWords()
  const { data: overview } = useQuery(overviewQuery)
  const [isStopped, setStopped] = useState(false)
  const { isBusy, error, attempt } = useAttempt()
  const until = overview?.recovery.waitingUntilDate ?? ''
  const stop = () =>
    attempt(async () => {
      await elevated('DELETE', `${SECURITY}/recovery`)
      setStopped(true)
      await readAgain()
    })
  if (isStopped)
    return (
      <Alert color="green" role="status">
        <Group>
          <Text size="sm" flex="1 1 16rem">
            {t('waiting.stopped')}
          </Text>
          <Button component={Link} to="/my/security/password" size="sm">
            {t('password.change')}
          </Button>
        </Group>
      </Alert>
    )
  if (until === '') return null
  return (
    <Alert
      color="red"
      role="alert"
      title={t('waiting.title', { date: say.dateAndTime(until) })}
      icon={<TriangleAlert aria-hidden />}
    >
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{t('waiting.text')}</Text>
        <ErrorNote error={error} />
        <Button color="red" onClick={stop} loading={isBusy}>
          {t('waiting.stop')}
        </Button>
      </Stack>
    </Alert>
  )
}
