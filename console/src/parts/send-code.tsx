import { Button, Group, Text } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiError, call } from '../api/client.ts'
import { useAttempt } from './attempt.ts'
import { useCountdown } from './countdown.ts'

/** The server lets a code be sent to one target once a minute (CHATELAINE_CODE_PAUSE) and says so when it does not. */
export const CODE_PAUSE = 60_000

export const sendToken = (id: string) => call('POST', `/api/v1/account/security/methods/${id}/sendtoken`)

interface SendCodeProps {
  methodId: string
  /** one is on its way already */
  isSent?: boolean
  onError(error: unknown): void
}

/** Has a code sent by a method, and counts down until there can be another. */
export function SendCode({ methodId, isSent = false, onError }: SendCodeProps) {
  const { t } = useTranslation()
  const [next, setNext] = useState<number | null>(() => (isSent ? Date.now() + CODE_PAUSE : null))
  const { isBusy, attempt } = useAttempt()
  const [isResent, setResent] = useState(false)
  const left = useCountdown(next)
  const send = () =>
    attempt(async () => {
      onError(null)
      try {
        await sendToken(methodId)
        setNext(Date.now() + CODE_PAUSE)
        setResent(true)
      } catch (error) {
        if (error instanceof ApiError && error.retryAfter > 0) setNext(Date.now() + error.retryAfter * 1000)
        onError(error)
      }
    })
  return (
    <Group gap="sm">
      <Button variant="default" onClick={send} loading={isBusy} disabled={left > 0}>
        {left > 0
          ? t('step.again', { wait: t('seconds', { count: left }) })
          : t(next === null ? 'elevation.send' : 'step.resend')}
      </Button>
      <Text size="sm" c="dimmed" role="status">
        {isResent ? t('elevation.sent') : ''}
      </Text>
    </Group>
  )
}
