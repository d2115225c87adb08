import { Anchor, Button, Group, Stack, Text } from '@mantine/core'
import { type FormEvent, type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Link } from 'react-router'
import { ApiError } from '../../api/client.ts'
import { useAttempt } from '../../parts/attempt.ts'
import { useCountdown } from '../../parts/countdown.ts'
import { ErrorNote } from '../../parts/error-note.tsx'
import { Page } from '../../parts/page.tsx'

interface StepProps {
  title: string
  lead?: ReactNode
  /** which step it is of how many */
  at: [number, number]
  back: string
  action: string
  isReady: boolean
  /** done when the form is sent; what it throws is shown */
  onSubmit(): Promise<unknown>
  words?: Readonly<Record<string, string>>
  children: ReactNode
}

/** One question on the way: what is asked, and the ways on and back. Who was too fast sees how long to wait. */
export function Step({ title, lead, at: [now, all], back, action, isReady, onSubmit, words, children }: StepProps) {
  const { t } = useTranslation('forgotten')
  const { isBusy, error, attempt } = useAttempt()
  const [until, setUntil] = useState<number | null>(null)
  const left = useCountdown(until)
  const send = async () => {
    try {
      await onSubmit()
    } catch (error) {
      if (error instanceof ApiError && error.retryAfter > 0) setUntil(Date.now() + error.retryAfter * 1000)
      throw error
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (isReady && left === 0) void attempt(send)
  }
  return (
    <Page title={title} lead={lead}>
      <form onSubmit={submit}>
        <Stack>
          {children}
          <ErrorNote error={error} words={words} />
          <Group justify="space-between">
            <Anchor component={Link} to={back} py="xs">
              {t('back', { ns: 'common' })}
            </Anchor>
            <Button type="submit" loading={isBusy} disabled={!isReady || left > 0}>
              {left > 0 ? t('again', { wait: t('seconds', { ns: 'common', count: left }) }) : action}
            </Button>
          </Group>
          <Text size="sm" c="dimmed" ta="center">
            {t('stepOf', { now, all })}
          </Text>
        </Stack>
      </form>
    </Page>
  )
}
